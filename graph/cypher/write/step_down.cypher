// parameters: {"community_id": "a", "person_id": "b", "at": "2026-01-01T00:00:00.000Z", "source": "by-hand"}
// What a source goes on to say of their sponsoring does not bring it back: see link_charter_sponsor.
MATCH (p:Person {id: $person_id})-[r:SPONSORS]->(c:Community {id: $community_id})
DELETE r
MERGE (p)-[down:STEPPED_DOWN_FROM]->(c)
SET down.at = $at, down.source = $source
