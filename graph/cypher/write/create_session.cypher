// parameters: {"id": "digest", "set": {"person_id": "a", "created_at": "2026-01-01T00:00:00.000Z", "expires_at": "2026-01-02T00:00:00.000Z"}, "now": "2026-01-01T00:00:00.000Z"}
// What is over is cleared away, so that as many are kept as are in use.
CALL () {
  MATCH (old:Session) WHERE old.expires_at <= $now
  DELETE old
}
CREATE (s:Session {id: $id})
SET s += $set
