// parameters: {"person_id": "a"}
// Newcomers whom a person was asked to accompany, or does.
MATCH (:Person {id: $person_id})-[r:BUDDY_OF]->(n:Person)-[m:MEMBER_OF]->(c:Community)
WHERE m.id = r.spell
RETURN c.id AS community_id, c.name AS community, n.id AS person_id, coalesce(n.name, n.id) AS name, r.state AS state,
  r.newcomer_agrees AS newcomer_agrees, r.buddy_agrees AS buddy_agrees, r.since AS since
ORDER BY r.since DESC, community_id, person_id
