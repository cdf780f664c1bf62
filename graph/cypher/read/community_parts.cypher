// parameters: {"community_id": "a", "today": "2026-01-01"}
// Everybody who is something in a community today: levels and roles of their spells, and whether they sponsor it.
MATCH (c:Community {id: $community_id})
MATCH (p:Person)-[:MEMBER_OF|SPONSORS]->(c)
WHERE p.left_on IS NULL OR p.left_on > $today
WITH DISTINCT c, p
WITH c, p,
  COLLECT { MATCH (p)-[m:MEMBER_OF]->(c) WHERE m.left_on IS NULL OR m.left_on > $today
            RETURN [m.engagement, m.role] ORDER BY m.id } AS spells,
  EXISTS { MATCH (p)-[:SPONSORS]->(c) } AS sponsors
WHERE sponsors OR size(spells) > 0
RETURN p.id AS person_id, coalesce(p.name, p.id) AS name, spells, sponsors
ORDER BY person_id
