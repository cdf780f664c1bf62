// parameters: {"id": "u"}
MATCH (u:United {id: $id})
DETACH DELETE u
