// parameters: {"community_id": "a", "person_id": "b", "today": "2026-01-01"}
// What a person is in a community today: levels and roles of their current spells, whether they sponsor it, and whether
// they proposed it.
MATCH (c:Community {id: $community_id})
OPTIONAL MATCH (p:Person {id: $person_id}) WHERE p.left_on IS NULL OR p.left_on > $today
RETURN COLLECT { MATCH (p)-[m:MEMBER_OF]->(c) WHERE m.left_on IS NULL OR m.left_on > $today
                 RETURN [m.engagement, m.role] ORDER BY m.id } AS spells,
  EXISTS { MATCH (p)-[:SPONSORS]->(c) } AS sponsors,
  EXISTS { MATCH (p)-[:TOOK]->(:FormationStep {step: 'propose'})-[:STEP_OF]->(c) } AS proposed
