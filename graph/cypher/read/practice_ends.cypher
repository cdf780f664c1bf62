// parameters: {"ids": ["x"]}
// Where some questions, pieces of advice and meetings belong.
UNWIND $ids AS id
CALL (id) {
  MATCH (:Question {id: id})-[:IN]->(c:Community)
  RETURN c
  UNION
  MATCH (:Advice {id: id})-[:ANSWERS]->(:Question)-[:IN]->(c:Community)
  RETURN c
  UNION
  MATCH (:Meeting {id: id})-[:OF]->(c:Community)
  RETURN c
}
RETURN collect(DISTINCT c.id) AS ids
