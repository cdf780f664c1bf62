// parameters: {"today": "2026-01-01"}
// Meetings that lie ahead, and the latest of each series, whenever it was.
MATCH (m:Meeting)-[:OF]->(c:Community)
WHERE left(m.starts_at, 10) >= $today
RETURN m.id AS id, c.id AS community_id, coalesce(m.title, '') AS title, m.starts_at AS starts_at,
       m.recurrence AS recurrence
UNION
MATCH (m:Meeting)-[:OF]->(c:Community)
WHERE m.recurrence IS NOT NULL AND m.starts_at IS NOT NULL AND NOT EXISTS { (:Meeting)-[:FOLLOWS]->(m) }
WITH c, m.title AS title, m.recurrence AS rhythm, m ORDER BY m.starts_at DESC, m.id
WITH c, title, rhythm, head(collect(m)) AS m
RETURN m.id AS id, c.id AS community_id, coalesce(m.title, '') AS title, m.starts_at AS starts_at,
       m.recurrence AS recurrence
