// parameters: {"person_id": null, "now": "2026-01-01T00:00:00.000Z"}
// Sessions that are not over, of one person or (null) of all, never with what opens them.
CALL () {
  WITH $person_id AS key WHERE key IS NULL
  MATCH (s:Session)
  RETURN s
  UNION ALL
  MATCH (s:Session {person_id: $person_id})
  RETURN s
}
WITH s WHERE s.expires_at > $now
RETURN s.person_id AS person_id, s.role AS role, s.created_at AS created_at, s.expires_at AS expires_at
ORDER BY created_at, person_id
