// parameters: {"id": "a", "set": {"kind": "User"}}
MERGE (n:Provisioned {id: $id})
SET n += $set
