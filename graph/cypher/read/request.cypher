// parameters: {"id": "r", "viewer_id": null, "sees_restricted": false, "today": "2026-01-01"}
// One request with all who have to do with it; `inside`: whether the viewer is in the community of the question. Its id
// is told to those who may see it.
MATCH (h:Person)<-[:TO]-(r:HelpRequest {id: $id})-[:FOR]->(q:Question)
WITH r, q, h, head(COLLECT { MATCH (p:Person)-[:ASKED]->(q) RETURN p ORDER BY p.id }) AS asker,
  head(COLLECT { MATCH (q)-[:IN]->(c:Community) RETURN c ORDER BY c.id }) AS c,
  head(COLLECT { MATCH (r)-[:GOT]->(a:Advice) RETURN {id: a.id, text: a.text} ORDER BY a.id }) AS advice
WITH *, EXISTS { MATCH (:Person {id: $viewer_id})-[s:MEMBER_OF]->(c) WHERE s.left_on IS NULL OR s.left_on > $today }
  AS inside
RETURN properties(r) AS request, q.id AS question_id, coalesce(q.title, '') AS title, coalesce(q.text, '') AS text,
  coalesce(q.private, false) AS private, asker.id AS asker_id, coalesce(asker.name, asker.id) AS asker_name,
  h.id AS helper_id, coalesce(h.name, h.id) AS helper_name, advice, inside,
  CASE WHEN c IS NULL OR coalesce(c.visibility, 'open') <> 'restricted' OR $sees_restricted OR inside THEN c.id END
    AS community_id
