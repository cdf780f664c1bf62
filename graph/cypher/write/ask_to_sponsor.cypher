// parameters: {"community_id": "a", "person_id": "b", "at": "2026-01-01T00:00:00.000Z", "source": "by-hand"}
MATCH (c:Community {id: $community_id}), (p:Person {id: $person_id})
MERGE (p)-[r:ASKED_TO_SPONSOR]->(c)
SET r = {state: 'asked', at: $at, source: $source}
