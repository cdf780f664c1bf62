// parameters: {"id": "digest"}
MATCH (s:Session {id: $id})
DELETE s
