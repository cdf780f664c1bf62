// parameters: {"least": 0.0, "text": "", "community_id": null, "viewer_id": null, "sees_restricted": false, "today": "2026-01-01"}
// How many findings there are of each kind, verdict and status; those that `findings` gives to the same viewer.
CALL () {
  WITH $community_id AS key WHERE key IS NULL
  MATCH (f:Finding)
  RETURN f
  UNION ALL
  MATCH (f:Finding)-[:ABOUT]->(:Community {id: $community_id})
  RETURN DISTINCT f
}
WITH f
WHERE f.score >= $least
  AND ($text = '' OR EXISTS { MATCH (f)-[:ABOUT]->(n) WHERE toLower(n.name) CONTAINS toLower($text) })
  AND ($sees_restricted OR size(f.about) + size(f.names) = COUNT {
    MATCH (f)-[:ABOUT|NAMES]->(n)
    WHERE n:OrgUnit OR (n:Community AND (coalesce(n.visibility, 'open') <> 'restricted'
      OR EXISTS { MATCH (:Person {id: $viewer_id})-[s:MEMBER_OF|SPONSORS|ASKED_TO_SPONSOR]->(n)
               WHERE (s.left_on IS NULL OR s.left_on > $today) AND coalesce(s.state, 'asked') = 'asked' }))
  })
RETURN f.kind AS kind, f.verdict AS verdict, f.status AS status, count(*) AS number
ORDER BY kind, verdict, status
