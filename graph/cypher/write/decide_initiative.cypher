// parameters: {"id": "i", "set": {"state": "declined", "reason": "r"}}
MATCH (i:Initiative {id: $id})
SET i += $set
RETURN i.id AS id
