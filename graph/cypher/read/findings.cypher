// parameters: {"ids": null, "kinds": null, "statuses": null, "verdicts": null, "least": 0.0, "text": "", "community_id": null, "below": null, "after_id": "", "limit": 10, "viewer_id": null, "sees_restricted": false, "today": "2026-01-01"}
// Findings of which the viewer may see everything that they are about or name, the highest score first, a page behind
// the one given. What is about something that is not there any more is for those who see everything.
CALL () {
  // A page of all is read in the order of the index, and no more of it: the conditions are those below.
  WITH $ids AS ids, $community_id AS community_id WHERE ids IS NULL AND community_id IS NULL
  MATCH (f:Finding)
  WHERE ($kinds IS NULL OR f.kind IN $kinds) AND ($statuses IS NULL OR f.status IN $statuses)
    AND ($verdicts IS NULL OR f.verdict IN $verdicts) AND f.score >= $least
    AND ($text = '' OR EXISTS { MATCH (f)-[:ABOUT]->(n) WHERE toLower(n.name) CONTAINS toLower($text) })
    AND ($below IS NULL OR f.score < $below OR (f.score = $below AND f.id > $after_id))
    AND ($sees_restricted OR size(f.about) + size(f.names) = COUNT {
      MATCH (f)-[:ABOUT|NAMES]->(n)
      WHERE n:OrgUnit OR (n:Community AND (coalesce(n.visibility, 'open') <> 'restricted'
        OR EXISTS { MATCH (:Person {id: $viewer_id})-[s:MEMBER_OF|SPONSORS|ASKED_TO_SPONSOR]->(n)
                 WHERE (s.left_on IS NULL OR s.left_on > $today) AND coalesce(s.state, 'asked') = 'asked' }))
    })
  WITH f ORDER BY f.score DESC, f.id LIMIT $limit
  RETURN f
  UNION ALL
  UNWIND $ids AS id
  MATCH (f:Finding {id: id})
  WHERE $community_id IS NULL OR EXISTS { (f)-[:ABOUT]->(:Community {id: $community_id}) }
  RETURN f
  UNION ALL
  WITH $ids AS ids WHERE ids IS NULL
  MATCH (f:Finding)-[:ABOUT]->(:Community {id: $community_id})
  RETURN DISTINCT f
}
WITH f
WHERE ($kinds IS NULL OR f.kind IN $kinds) AND ($statuses IS NULL OR f.status IN $statuses)
  AND ($verdicts IS NULL OR f.verdict IN $verdicts) AND f.score >= $least
  AND ($text = '' OR EXISTS { MATCH (f)-[:ABOUT]->(n) WHERE toLower(n.name) CONTAINS toLower($text) })
  AND ($below IS NULL OR f.score < $below OR (f.score = $below AND f.id > $after_id))
  AND ($sees_restricted OR size(f.about) + size(f.names) = COUNT {
    MATCH (f)-[:ABOUT|NAMES]->(n)
    WHERE n:OrgUnit OR (n:Community AND (coalesce(n.visibility, 'open') <> 'restricted'
      OR EXISTS { MATCH (:Person {id: $viewer_id})-[s:MEMBER_OF|SPONSORS|ASKED_TO_SPONSOR]->(n)
               WHERE (s.left_on IS NULL OR s.left_on > $today) AND coalesce(s.state, 'asked') = 'asked' }))
  })
WITH f ORDER BY f.score DESC, f.id LIMIT $limit
RETURN properties(f) AS finding,
  COLLECT { MATCH (f)-[:ABOUT]->(n) RETURN [n.id, coalesce(n.name, n.id), n:OrgUnit] ORDER BY n.id } AS about,
  COLLECT { MATCH (f)-[r:NAMES]->(p:Person) RETURN [p.id, coalesce(p.name, p.id)] ORDER BY r.place } AS people
ORDER BY finding.score DESC, finding.id
