// parameters: {}
// When something went on in each community: questions that are not private, advice on them, meetings, posts
// (by month).
MATCH (c:Community)
WITH c, COLLECT {
    MATCH (q:Question)-[:IN]->(c)
    WHERE NOT coalesce(q.private, false)
    UNWIND [q.asked_at] + COLLECT { MATCH (a:Advice)-[:ANSWERS]->(q) RETURN a.advised_at } AS day
    WITH day WHERE day IS NOT NULL
    RETURN day
  } + COLLECT {
    MATCH (m:Meeting)-[:OF]->(c)
    WHERE m.starts_at IS NOT NULL
    RETURN left(m.starts_at, 10)
  } + [line IN coalesce(c.posts, []) | left(line, 7)] AS days
WHERE size(days) > 0
RETURN c.id AS community_id, days
ORDER BY community_id
