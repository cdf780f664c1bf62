// parameters: {}
// What was asked in communities, answered or not, in the order of ids. Private questions are nobody's to compare.
MATCH (q:Question)-[:IN]->(c:Community)
WHERE NOT coalesce(q.private, false)
RETURN q.id AS id, coalesce(q.title, '') AS title, coalesce(q.text, '') AS text, c.id AS community_id
ORDER BY id, community_id
