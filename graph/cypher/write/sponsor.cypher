// parameters: {"community_id": "a", "person_id": "b", "at": "2026-01-01T00:00:00.000Z", "source": "by-hand"}
MATCH (c:Community {id: $community_id}), (p:Person {id: $person_id})
OPTIONAL MATCH (p)-[before:ASKED_TO_SPONSOR|STEPPED_DOWN_FROM]->(c)
DELETE before
WITH DISTINCT c, p
MERGE (p)-[r:SPONSORS]->(c)
SET r.source = $source, r.since = $at
