// parameters: {"id": "digest", "now": "2026-01-01T00:00:00.000Z", "today": "2026-01-01"}
// A session that is not over, and what its person may do at present. It ends with the day on which they leave.
MATCH (s:Session {id: $id})
WHERE s.expires_at > $now
OPTIONAL MATCH (p:Person {id: s.person_id})
WITH s, p
WHERE s.person_id IS NULL OR (p IS NOT NULL AND (p.left_on IS NULL OR p.left_on > $today))
OPTIONAL MATCH (a:Account {id: p.id})
RETURN s.person_id AS person_id, s.role AS claimed, a.role AS given, coalesce(p.external, false) AS external,
  s.actor AS actor
