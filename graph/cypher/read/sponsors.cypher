// parameters: {}
// Who sponsors each community, also those who have left the organisation.
MATCH (p:Person)-[:SPONSORS]->(c:Community)
WITH c, p ORDER BY p.id
RETURN c.id AS community_id, collect(p.id) AS person_ids
ORDER BY community_id
