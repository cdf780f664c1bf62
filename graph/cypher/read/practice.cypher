// parameters: {"ids": ["x"]}
// What went on in each of some communities: meetings with how many came, questions that are not private with who asked,
// advice on them with who gave it, each with its id behind; months in which it talked elsewhere (posts). An absent day or
// person is ''. Collected, as one row each takes many times as long.
UNWIND $ids AS id
MATCH (c:Community {id: id})
WITH c,
  COLLECT {
    MATCH (m:Meeting)-[:OF]->(c)
    RETURN [left(coalesce(m.starts_at, ''), 10), COUNT { (:Person)-[:ATTENDED]->(m) }
      + coalesce(m.erased_attendees, 0) + coalesce(m.erased_guests, 0), m.id]
  } AS meetings,
  COLLECT {
    MATCH (q:Question)-[:IN]->(c)
    WHERE NOT coalesce(q.private, false)
    RETURN [coalesce(q.asked_at, ''), coalesce(head(COLLECT { MATCH (p:Person)-[:ASKED]->(q) RETURN p.id }), ''), q.id]
  } AS questions,
  COLLECT {
    MATCH (a:Advice)-[:ANSWERS]->(q:Question)-[:IN]->(c)
    WHERE NOT coalesce(q.private, false)
    RETURN [coalesce(a.advised_at, ''), coalesce(head(COLLECT { MATCH (p:Person)-[:GAVE]->(a) RETURN p.id }), ''), a.id]
  } AS advice,
  [line IN coalesce(c.posts, []) | left(line, 7)] AS posts
WHERE size(meetings) + size(questions) + size(advice) + size(posts) > 0
RETURN c.id AS community_id, meetings, questions, advice, posts
ORDER BY community_id
