// parameters: {"id": "k", "set": {"hash": "h", "role": "member", "created_at": "2026-01-01T00:00:00Z"}}
CREATE (k:ApiKey {id: $id})
SET k += $set
