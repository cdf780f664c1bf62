// parameters: {"community_id": "a", "id": null, "person_id": null, "sees_restricted": true, "today": "2026-01-01"}
// What people asked who want to be let into a community: of one community, of one person (of communities that they may
// see), or the one of that id; the latest first. `member`: whether the asker is in it today.
CALL () {
  WITH $person_id AS key WHERE key IS NOT NULL
  MATCH (p:Person {id: $person_id})-[:ASKED_TO_JOIN]->(j:JoinRequest)-[:TO]->(c:Community)
  RETURN p, j, c
  UNION ALL
  WITH $community_id AS key WHERE key IS NOT NULL
  MATCH (p:Person)-[:ASKED_TO_JOIN]->(j:JoinRequest)-[:TO]->(c:Community {id: $community_id})
  RETURN p, j, c
  UNION ALL
  WITH $id AS key WHERE key IS NOT NULL
  MATCH (p:Person)-[:ASKED_TO_JOIN]->(j:JoinRequest {id: $id})-[:TO]->(c:Community)
  RETURN p, j, c
}
WITH p, j, c, EXISTS { MATCH (p)-[m:MEMBER_OF]->(c) WHERE m.left_on IS NULL OR m.left_on > $today } AS member
WHERE $sees_restricted OR member OR coalesce(c.visibility, 'open') <> 'restricted' OR EXISTS { (p)-[:SPONSORS]->(c) }
OPTIONAL MATCH (by:Person {id: j.decided_by})
RETURN properties(j) AS request, c.id AS community_id, coalesce(c.name, c.id) AS community,
  coalesce(c.status, 'active') AS status, p.id AS person_id, coalesce(p.name, p.id) AS name,
  p.left_on IS NOT NULL AND p.left_on <= $today AS has_left, member, by.name AS decider
ORDER BY j.asked_at DESC, j.id
