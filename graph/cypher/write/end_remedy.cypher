// parameters: {"id": "r", "set": {"state": "undone"}}
MATCH (r:Remedy {id: $id})
SET r += $set
