// parameters: {}
// Questions that nobody advised on, in a community or in none, in the order of ids. Private ones are nobody's to compare.
MATCH (q:Question)
WHERE NOT coalesce(q.private, false) AND NOT EXISTS { (q)<-[:ANSWERS]-(:Advice) }
RETURN q.id AS id, coalesce(q.title, '') AS title, coalesce(q.text, '') AS text,
  coalesce(head(COLLECT { MATCH (q)-[:IN]->(c:Community) RETURN c.id ORDER BY c.id }), '') AS community_id
ORDER BY id
