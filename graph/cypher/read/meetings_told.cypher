// parameters: {}
// What the meetings of communities are about, where anything is told of it, in the order of ids.
MATCH (m:Meeting)-[:OF]->(c:Community)
WITH m, c, COLLECT { MATCH (m)-[:DISCUSSED]->(i:AgendaItem) RETURN i.title ORDER BY i.title } AS agenda
WHERE m.title IS NOT NULL OR m.summary IS NOT NULL OR size(agenda) > 0
RETURN m.id AS id, coalesce(m.title, '') AS title, coalesce(m.summary, '') AS summary, agenda, c.id AS community_id
ORDER BY id, community_id
