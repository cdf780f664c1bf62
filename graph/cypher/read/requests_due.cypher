// parameters: {"person_id": null, "limits": {"asked": "2026-01-01T00:00:00.000Z"}, "after_at": "", "after_id": "", "limit": 10, "viewer_id": null, "sees_restricted": false, "today": "2026-01-01"}
// Requests by or to a person (null: all) that have been in their state since before the limit of that state, the
// longest first, a page behind the one given as `after`.
CALL () {
  WITH $person_id AS key WHERE key IS NULL
  MATCH (r:HelpRequest) WHERE r.state IN keys($limits)
  RETURN r
  UNION
  MATCH (:Person {id: $person_id})<-[:TO]-(r:HelpRequest)
  RETURN r
  UNION
  MATCH (:Person {id: $person_id})-[:ASKED]->(:Question)<-[:FOR]-(r:HelpRequest)
  RETURN r
}
MATCH (h:Person)<-[:TO]-(r)-[:FOR]->(q:Question)
WHERE r.state IN keys($limits)
WITH r, q, h, CASE r.state WHEN 'asked' THEN r.requested_at WHEN 'accepted' THEN r.decided_at
                           WHEN 'advised' THEN r.advised_at ELSE r.tried_at END AS since
WHERE since < $limits[r.state] AND (since > $after_at OR (since = $after_at AND r.id > $after_id))
WITH r, q, h, since, head(COLLECT { MATCH (p:Person)-[:ASKED]->(q) RETURN p ORDER BY p.id }) AS asker,
  head(COLLECT { MATCH (q)-[:IN]->(c:Community) RETURN c ORDER BY c.id }) AS c,
  head(COLLECT { MATCH (r)-[:GOT]->(a:Advice) RETURN {id: a.id, text: a.text} ORDER BY a.id }) AS advice
WHERE $person_id IS NULL OR h.id = $person_id OR asker.id = $person_id
WITH * ORDER BY since, r.id LIMIT $limit
OPTIONAL MATCH (viewer:Person {id: $viewer_id})
WITH *, EXISTS { MATCH (viewer)-[s:MEMBER_OF]->(c) WHERE s.left_on IS NULL OR s.left_on > $today }
  AS inside
RETURN properties(r) AS request, q.id AS question_id, coalesce(q.title, '') AS title, coalesce(q.text, '') AS text,
  coalesce(q.private, false) AS private, asker.id AS asker_id, coalesce(asker.name, asker.id) AS asker_name,
  h.id AS helper_id, coalesce(h.name, h.id) AS helper_name, advice, inside,
  CASE WHEN c IS NULL OR coalesce(c.visibility, 'open') <> 'restricted' OR $sees_restricted OR inside THEN c.id END
    AS community_id, since
ORDER BY since, request.id
