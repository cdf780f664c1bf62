// parameters: {"id": "a", "person_id": "b", "spell": "b/a/2026", "today": "2026-02-01"}
// Members who may accompany a newcomer, with what decides on it. The reporting line of the newcomer, up and down, is
// walked once, not once for each member.
MATCH (n:Person {id: $person_id})
WITH n, COLLECT { MATCH (n)-[:REPORTS_TO]->+(above:Person) RETURN DISTINCT above.id }
      + COLLECT { MATCH (below:Person)-[:REPORTS_TO]->+(n) RETURN DISTINCT below.id } AS line
MATCH (p:Person)-[m:MEMBER_OF]->(:Community {id: $id})
WHERE p <> n AND (m.left_on IS NULL OR m.left_on > $today) AND (p.left_on IS NULL OR p.left_on > $today)
  AND coalesce(p.recommendable, true) AND NOT coalesce(p.external, false)
WITH n, line, p, m ORDER BY p.id, m.joined_on DESC, m.id
WITH n, line, p, head(collect(m)) AS m
RETURN p.id AS person_id, coalesce(p.name, p.id) AS name, m.engagement AS engagement, m.role AS role,
  m.joined_on AS joined_on, p.timezone AS timezone, coalesce(p.languages, []) AS languages, p.id IN line AS in_line,
  COUNT { MATCH (p)-[r:BUDDY_OF]->(:Person) WHERE r.state IN ['proposed', 'agreed'] } AS newcomers,
  EXISTS { MATCH (p)-[r:BUDDY_OF]->(n) WHERE r.spell = $spell } AS named_already
ORDER BY person_id
