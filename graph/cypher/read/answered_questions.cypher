// parameters: {"ids": ["x"], "viewer_id": null, "sees_restricted": false}
// Some questions with the advice that they got, those that got any. A private one is seen by who asked it, one that was
// asked in a restricted community by whoever may see that community.
UNWIND $ids AS id
MATCH (q:Question {id: id})
WHERE EXISTS { (q)<-[:ANSWERS]-(:Advice) }
WITH q, head(COLLECT { MATCH (q)-[:IN]->(c:Community) RETURN c ORDER BY c.id }) AS c,
  head(COLLECT { MATCH (p:Person)-[:ASKED]->(q) RETURN p.id ORDER BY p.id }) AS asker_id
WHERE $sees_restricted OR (
  (NOT coalesce(q.private, false) OR asker_id = $viewer_id)
  AND (c IS NULL OR coalesce(c.visibility, 'open') <> 'restricted'
    OR EXISTS { MATCH (:Person {id: $viewer_id})-[s:MEMBER_OF]->(c) WHERE s.left_on IS NULL }))
RETURN q.id AS id, coalesce(q.title, '') AS title, coalesce(q.text, '') AS text, q.asked_at AS asked_at,
  coalesce(q.private, false) AS private, c.id AS community_id, asker_id,
  COLLECT {
    MATCH (h:Person)-[:GAVE]->(a:Advice)-[:ANSWERS]->(q)
    RETURN [h.id, coalesce(a.advised_at, ''), coalesce(a.outcome, ''), a.id, coalesce(a.followed_up_at, '')] ORDER BY h.id, a.id
  } AS advice
ORDER BY id
