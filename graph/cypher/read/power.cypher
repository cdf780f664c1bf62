// parameters: {"id": "a", "first": "2026-01-01", "last": "2026-03-31"}
// Who was in a community in a quarter, with grade and manager; who asked and who advised there in it, once for each
// question and advice. Private questions are not talk. Each piece of advice also with whether it went up or down a line.
MATCH (c:Community {id: $id})
RETURN
  COLLECT {
    MATCH (p:Person)-[m:MEMBER_OF]->(c)
    WHERE coalesce(m.joined_on, '') <= $last AND (m.left_on IS NULL OR m.left_on > $first)
      AND (p.left_on IS NULL OR p.left_on > $first)
    WITH DISTINCT p
    RETURN [p.id, coalesce(p.grade, '')] ORDER BY p.id
  } AS members,
  COLLECT {
    MATCH (p:Person)-[:ASKED]->(q:Question)-[:IN]->(c)
    WHERE q.asked_at >= $first AND q.asked_at <= $last AND NOT coalesce(q.private, false)
    RETURN p.id ORDER BY p.id
  } AS askers,
  COLLECT {
    MATCH (p:Person)-[:GAVE]->(a:Advice)-[:ANSWERS]->(q:Question)-[:IN]->(c)
    WHERE a.advised_at >= $first AND a.advised_at <= $last AND NOT coalesce(q.private, false)
    WITH p, head(COLLECT { MATCH (o:Person)-[:ASKED]->(q) RETURN o }) AS o
    RETURN [p.id, coalesce(o.id, ''),
            CASE WHEN o IS NULL THEN ''
                 WHEN EXISTS { MATCH ANY SHORTEST (o)-[:REPORTS_TO]->+(p) } THEN 'down'
                 WHEN EXISTS { MATCH ANY SHORTEST (p)-[:REPORTS_TO]->+(o) } THEN 'up' ELSE '' END] ORDER BY p.id
  } AS advice
