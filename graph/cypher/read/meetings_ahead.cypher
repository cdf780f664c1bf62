// parameters: {"today": "2026-01-01", "ids": null}
// Meetings that lie ahead, and the latest of each series, whenever it was: one that another follows recurs no more. What
// was cancelled takes place no more; the series that it began goes on. Of the communities of `ids`, or of all (null).
MATCH (m:Meeting)-[:OF]->(c:Community)
WHERE ($ids IS NULL OR c.id IN $ids) AND left(m.starts_at, 10) >= $today AND coalesce(m.state, '') <> 'cancelled'
  AND (m.recurrence IS NULL OR EXISTS { (:Meeting)-[:FOLLOWS]->(m) })
RETURN m.id AS id, c.id AS community_id, coalesce(m.title, '') AS title, m.starts_at AS starts_at,
       null AS recurrence, coalesce(m.timezone, c.timezone) AS timezone, m.ended_at AS ended_at
UNION
MATCH (m:Meeting)-[:OF]->(c:Community)
WHERE ($ids IS NULL OR c.id IN $ids) AND m.recurrence IS NOT NULL AND m.starts_at IS NOT NULL
  AND NOT EXISTS { (:Meeting)-[:FOLLOWS]->(m) }
  AND (m.ended_at IS NULL OR left(m.ended_at, 10) > $today)
WITH c, m.title AS title, m.recurrence AS rhythm, m ORDER BY m.starts_at DESC, m.id
WITH c, title, rhythm, head(collect(m)) AS m
RETURN m.id AS id, c.id AS community_id, coalesce(m.title, '') AS title, m.starts_at AS starts_at,
       m.recurrence AS recurrence, coalesce(m.timezone, c.timezone) AS timezone, m.ended_at AS ended_at
