// parameters: {"person_id": "a", "since": "2026-01-01", "today": "2026-02-01", "manages": false}
// Who asks to be let in where the person leads (with their level and role there) or, for a knowledge manager, where
// nobody does; and what was decided since a day on what they asked themselves, of communities that they may see.
CALL () {
  MATCH (:Person {id: $person_id})-[own:MEMBER_OF]->(c:Community)<-[:TO]-(j:JoinRequest {state: 'asked'})
  WHERE own.left_on IS NULL OR own.left_on > $today
  RETURN c, j, 'asked' AS what, own.engagement AS engagement, own.role AS role, false AS leaderless
  UNION ALL
  WITH $manages AS manages WHERE manages
  MATCH (j:JoinRequest {state: 'asked'})-[:TO]->(c:Community)
  RETURN c, j, 'asked' AS what, null AS engagement, null AS role, true AS leaderless
  UNION ALL
  MATCH (p:Person {id: $person_id})-[:ASKED_TO_JOIN]->(j:JoinRequest)-[:TO]->(c:Community)
  WHERE j.state IN ['accepted', 'declined'] AND j.decided_at >= $since
    AND (coalesce(c.visibility, 'open') <> 'restricted'
      OR EXISTS { MATCH (p)-[m:MEMBER_OF]->(c) WHERE m.left_on IS NULL OR m.left_on > $today })
  RETURN c, j, 'decided' AS what, null AS engagement, null AS role, false AS leaderless
}
MATCH (n:Person)-[:ASKED_TO_JOIN]->(j)
WHERE coalesce(c.status, 'active') <> 'retired' AND (n.left_on IS NULL OR n.left_on > $today)
  AND (what = 'decided'
    OR NOT EXISTS { MATCH (n)-[m:MEMBER_OF]->(c) WHERE m.left_on IS NULL OR m.left_on > $today })
RETURN j.id AS id, c.id AS community_id, coalesce(c.name, c.id) AS community, n.id AS person_id,
  coalesce(n.name, n.id) AS name, what, j.state AS state, coalesce(j.decided_at, j.asked_at) AS at, j.reason AS reason,
  engagement, role, leaderless,
  CASE WHEN leaderless THEN COLLECT { MATCH (:Person)-[m:MEMBER_OF]->(c)
    WHERE m.role IS NOT NULL AND (m.left_on IS NULL OR m.left_on > $today) RETURN DISTINCT m.role } ELSE [] END AS roles
ORDER BY at, id
