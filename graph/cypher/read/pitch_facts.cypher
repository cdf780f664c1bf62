// parameters: {"community_id": "a", "today": "2026-01-01"}
// What a pitch says of a community beside its own fields.
MATCH (c:Community {id: $community_id})
RETURN
  head(COLLECT { MATCH (c)-[:HAS_CHARTER]->(h:Charter)
                 RETURN properties(h) ORDER BY h.adopted_on DESC, h.id }) AS charter,
  COLLECT { MATCH (c)-[:SERVES]->(g:Goal) RETURN coalesce(g.name, g.id) ORDER BY g.id } AS goals,
  COLLECT { MATCH (p:Person)-[:SPONSORS]->(c) WHERE p.left_on IS NULL OR p.left_on > $today
            RETURN coalesce(p.name, p.id) ORDER BY p.id } AS sponsors,
  COLLECT { MATCH (p:Person)-[m:MEMBER_OF]->(c)
            WHERE (m.left_on IS NULL OR m.left_on > $today) AND (p.left_on IS NULL OR p.left_on > $today)
            RETURN [coalesce(p.name, p.id), m.engagement, m.role] ORDER BY p.id } AS levels
