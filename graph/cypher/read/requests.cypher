// parameters: {"person_id": null, "role": null, "states": null, "before_at": null, "before_id": "", "limit": 10, "viewer_id": null, "sees_restricted": false, "today": "2026-01-01"}
// Requests by or to a person (null: all), the latest first, a page behind the one given as `before`.
CALL () {
  WITH $person_id AS key WHERE key IS NULL
  MATCH (r:HelpRequest)
  WHERE r.requested_at <= coalesce($before_at, '9999')
    AND NOT coalesce(r.requested_at = $before_at AND r.id <= $before_id, false)
    AND ($states IS NULL OR r.state IN $states) AND EXISTS { (:Person)<-[:TO]-(r)-[:FOR]->(:Question) }
  WITH r ORDER BY r.requested_at DESC, r.id LIMIT $limit
  RETURN r
  UNION
  MATCH (:Person {id: $person_id})<-[:TO]-(r:HelpRequest)
  RETURN r
  UNION
  MATCH (:Person {id: $person_id})-[:ASKED]->(:Question)<-[:FOR]-(r:HelpRequest)
  RETURN r
}
MATCH (h:Person)<-[:TO]-(r)-[:FOR]->(q:Question)
WHERE ($states IS NULL OR r.state IN $states)
  AND ($before_at IS NULL OR r.requested_at < $before_at OR (r.requested_at = $before_at AND r.id > $before_id))
WITH r, q, h, head(COLLECT { MATCH (p:Person)-[:ASKED]->(q) RETURN p ORDER BY p.id }) AS asker,
  head(COLLECT { MATCH (q)-[:IN]->(c:Community) RETURN c ORDER BY c.id }) AS c,
  head(COLLECT { MATCH (r)-[:GOT]->(a:Advice) RETURN {id: a.id, text: a.text} ORDER BY a.id }) AS advice
WHERE $person_id IS NULL OR (h.id = $person_id AND coalesce($role, 'helper') = 'helper')
  OR (asker.id = $person_id AND coalesce($role, 'asker') = 'asker')
WITH * ORDER BY r.requested_at DESC, r.id LIMIT $limit
OPTIONAL MATCH (viewer:Person {id: $viewer_id})
WITH *, EXISTS { MATCH (viewer)-[s:MEMBER_OF]->(c) WHERE s.left_on IS NULL OR s.left_on > $today }
  AS inside
RETURN properties(r) AS request, q.id AS question_id, coalesce(q.title, '') AS title, coalesce(q.text, '') AS text,
  coalesce(q.private, false) AS private, asker.id AS asker_id, coalesce(asker.name, asker.id) AS asker_name,
  h.id AS helper_id, coalesce(h.name, h.id) AS helper_name, advice, inside,
  CASE WHEN c IS NULL OR coalesce(c.visibility, 'open') <> 'restricted' OR $sees_restricted OR inside THEN c.id END
    AS community_id
ORDER BY request.requested_at DESC, request.id
