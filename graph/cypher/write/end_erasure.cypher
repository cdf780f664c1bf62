// parameters: {"id": "e"}
MATCH (e:Erasure {id: $id})
DELETE e
