// parameters: {"id": "r", "set": {"state": "accepted", "decided_at": "2026-01-01T00:00:00.000Z"}}
MATCH (r:HelpRequest {id: $id})
SET r += $set
RETURN r.id AS id
