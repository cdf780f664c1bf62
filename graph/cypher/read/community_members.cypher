// parameters: {"id": "a", "today": "2026-01-01", "after": "", "level": null, "limit": 10}
// Current members, a page in the order of names behind the person `after`; one row a person, the latest spell. With a
// `level` those alone who declared it, with `unstated` those who declared none.
OPTIONAL MATCH (behind:Person {id: $after})
WITH toLower(coalesce(behind.name, $after)) AS name_behind
MATCH (p:Person)-[m:MEMBER_OF]->(:Community {id: $id})
WHERE (m.left_on IS NULL OR m.left_on > $today) AND (p.left_on IS NULL OR p.left_on > $today)
WITH name_behind, p, m ORDER BY m.joined_on DESC, m.id
WITH name_behind, p, head(collect(m)) AS m
WITH name_behind, p, m, toLower(coalesce(p.name, p.id)) AS called
WHERE ($level IS NULL OR coalesce(m.engagement, 'unstated') = $level)
  AND (called > name_behind OR (called = name_behind AND p.id > $after))
RETURN p.id AS person_id, coalesce(p.name, p.id) AS name, m.engagement AS engagement, m.role AS role,
       m.joined_on AS joined_on
ORDER BY called, person_id
LIMIT $limit
