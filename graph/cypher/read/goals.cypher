// parameters: {"ids": null, "after": "", "limit": 10, "viewer_id": null, "sees_restricted": false, "today": "2026-01-01"}
// Goals behind the one given, or those of `ids`, with how many communities serve each, of those that the viewer may see.
MATCH (g:Goal)
WHERE CASE WHEN $ids IS NULL THEN g.id > $after ELSE g.id IN $ids END
WITH g ORDER BY g.id LIMIT $limit
RETURN g.id AS id, coalesce(g.name, g.id) AS name, coalesce(g.description, '') AS description,
  COLLECT {
    MATCH (c:Community)-[:SERVES]->(g)
    WHERE coalesce(c.visibility, 'open') <> 'restricted' OR $sees_restricted
      OR EXISTS { MATCH (:Person {id: $viewer_id})-[s:MEMBER_OF|SPONSORS|ASKED_TO_SPONSOR]->(c)
               WHERE (s.left_on IS NULL OR s.left_on > $today) AND coalesce(s.state, 'asked') = 'asked' }
    RETURN [c.id, coalesce(c.name, c.id)] ORDER BY c.id
  } AS communities
ORDER BY id
