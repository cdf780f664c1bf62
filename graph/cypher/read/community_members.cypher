// parameters: {"id": "a", "today": "2026-01-01", "after": "", "limit": 10}
// Current members, a page in the order of ids; one row a person, the latest spell.
MATCH (p:Person)-[m:MEMBER_OF]->(:Community {id: $id})
WHERE p.id > $after AND (m.left_on IS NULL OR m.left_on > $today) AND (p.left_on IS NULL OR p.left_on > $today)
WITH p, m ORDER BY p.id, m.joined_on DESC, m.id
WITH p, head(collect(m)) AS m
RETURN p.id AS person_id, coalesce(p.name, p.id) AS name, m.engagement AS engagement, m.role AS role,
       m.joined_on AS joined_on
ORDER BY person_id
LIMIT $limit
