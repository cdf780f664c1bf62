// parameters: {"id": "j", "set": {"state": "declined", "reason": "r"}}
MATCH (j:JoinRequest {id: $id})
SET j += $set
RETURN j.id AS id
