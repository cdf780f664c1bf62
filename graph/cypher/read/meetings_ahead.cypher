// parameters: {"today": "2026-01-01", "ids": null}
// Meetings that lie ahead, and the latest of each series, whenever it was: one that another follows recurs no more. What
// was cancelled takes place no more; the series that it began goes on. Of the communities of `ids`, or of all (null).
CALL () {
  WITH $ids AS ids WHERE ids IS NULL
  MATCH (m:Meeting)-[:OF]->(c:Community)
  WHERE m.starts_at >= $today
  RETURN m, c
  UNION
  WITH $ids AS ids WHERE ids IS NULL
  MATCH (m:Meeting)-[:OF]->(c:Community)
  WHERE m.recurrence IS NOT NULL
  RETURN m, c
  UNION
  UNWIND $ids AS id
  MATCH (m:Meeting)-[:OF]->(c:Community {id: id})
  RETURN m, c
}
WITH m, c, EXISTS { (:Meeting)-[:FOLLOWS]->(m) } AS followed
WITH m, c, left(m.starts_at, 10) >= $today AND coalesce(m.state, '') <> 'cancelled'
    AND (m.recurrence IS NULL OR followed) AS ahead,
  m.recurrence IS NOT NULL AND m.starts_at IS NOT NULL AND NOT followed
    AND (m.ended_at IS NULL OR left(m.ended_at, 10) > $today) AS recurs
WHERE ahead OR recurs
WITH m, c, recurs, CASE WHEN recurs THEN [m.title, m.recurrence] ELSE m.id END AS series
ORDER BY m.starts_at DESC, m.id
WITH c, recurs, series, head(collect(m)) AS m
RETURN m.id AS id, c.id AS community_id, coalesce(m.title, '') AS title, m.starts_at AS starts_at,
       CASE WHEN recurs THEN m.recurrence END AS recurrence, coalesce(m.timezone, c.timezone) AS timezone,
       m.ended_at AS ended_at
