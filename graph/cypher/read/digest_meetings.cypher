// parameters: {"person_id": "a", "today": "2026-01-01", "until": "2026-01-15"}
// Meetings on the days from today until a day of the communities that a person is in, the next first.
MATCH (:Person {id: $person_id})-[s:MEMBER_OF]->(c:Community)
WHERE (s.left_on IS NULL OR s.left_on > $today) AND coalesce(c.status, 'active') <> 'retired'
WITH DISTINCT c
MATCH (m:Meeting)-[:OF]->(c)
WHERE left(m.starts_at, 10) >= $today AND left(m.starts_at, 10) <= $until AND size(m.starts_at) >= 10
  AND coalesce(m.state, '') <> 'cancelled'
RETURN m.id AS id, c.id AS community_id, coalesce(c.name, c.id) AS community, coalesce(m.title, '') AS title,
  m.starts_at AS starts_at
ORDER BY starts_at, id
