// parameters: {"id": "k", "at": "2026-01-01T00:00:00Z"}
MATCH (k:ApiKey {id: $id})
SET k.revoked_at = coalesce(k.revoked_at, $at)
RETURN k.revoked_at AS at
