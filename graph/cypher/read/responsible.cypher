// parameters: {"id": "a", "today": "2026-01-01"}
// Who bears a role in a community today, or sponsors it: a few of many members.
MATCH (c:Community {id: $id})
CALL (c) {
  MATCH (p:Person)-[m:MEMBER_OF]->(c)
  WHERE m.role IS NOT NULL AND (m.left_on IS NULL OR m.left_on > $today)
  RETURN p, m.role AS role
  UNION ALL
  MATCH (p:Person)-[:SPONSORS]->(c)
  RETURN p, null AS role
}
WITH p, role
WHERE p.left_on IS NULL OR p.left_on > $today
RETURN p.id AS person_id, coalesce(p.name, p.id) AS name,
       [role IN collect(role) | [null, role]] AS spells,  // of which here no level is wanted
       count(CASE WHEN role IS NULL THEN 1 END) > 0 AS sponsors
ORDER BY name, person_id
