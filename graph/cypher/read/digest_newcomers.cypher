// parameters: {"person_id": "a", "since": "2026-01-01", "today": "2026-02-01"}
// Who joined, since a day, a community that a person is in, and was greeted by nobody there; with the level and role of
// the person in it.
MATCH (p:Person {id: $person_id})-[own:MEMBER_OF]->(c:Community)
WHERE (own.left_on IS NULL OR own.left_on > $today) AND coalesce(c.status, 'active') <> 'retired'
  AND (own.engagement IS NOT NULL OR own.role IS NOT NULL)
MATCH (n:Person)-[s:MEMBER_OF]->(c)
WHERE n <> p AND size(s.joined_on) = 10 AND s.joined_on >= $since AND s.joined_on <= $today
  AND (s.left_on IS NULL OR s.left_on > $today) AND (n.left_on IS NULL OR n.left_on > $today)
  AND NOT EXISTS { MATCH (:Person)-[g:GREETED]->(n) WHERE g.spell = s.id }
  AND NOT EXISTS { MATCH (n)-[e:MEMBER_OF]->(c) WHERE e.id <> s.id AND coalesce(e.joined_on, '') < s.joined_on }
RETURN n.id AS person_id, coalesce(n.name, n.id) AS name, c.id AS community_id, coalesce(c.name, c.id) AS community,
  s.joined_on AS joined_on, own.engagement AS engagement, own.role AS role
ORDER BY joined_on, person_id, community_id
