// parameters: {"community_id": "a", "id": null}
// What people proposed to a community, or the one proposal of that id, the latest first.
CALL () {
  MATCH (p:Person)-[:PROPOSED]->(i:Initiative {id: $id})-[:TO]->(c:Community)
  WHERE $community_id IS NULL OR c.id = $community_id
  RETURN p, i, c
  UNION ALL
  WITH $id AS key WHERE key IS NULL
  MATCH (p:Person)-[:PROPOSED]->(i:Initiative)-[:TO]->(c:Community {id: $community_id})
  RETURN p, i, c
}
OPTIONAL MATCH (by:Person {id: i.decided_by})
RETURN properties(i) AS initiative, c.id AS community_id, p.id AS proposer_id, coalesce(p.name, p.id) AS proposer,
  by.name AS decider
ORDER BY i.proposed_at DESC, i.id
