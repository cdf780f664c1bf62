// parameters: {"person_id": "a", "today": "2026-01-01"}
// The communities that somebody is in today, unless it is retired or they have left.
MATCH (p:Person {id: $person_id})-[s:MEMBER_OF]->(c:Community)
WHERE (s.left_on IS NULL OR s.left_on > $today) AND (p.left_on IS NULL OR p.left_on > $today)
  AND coalesce(c.status, 'active') <> 'retired'
RETURN DISTINCT c.id AS id
ORDER BY id
