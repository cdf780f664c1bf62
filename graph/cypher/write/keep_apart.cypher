// parameters: {"one": "a", "other": "b", "at": "2026-01-01T00:00:00.000Z", "actor": "local"}
MATCH (a:Person {id: $one}), (b:Person {id: $other})
MERGE (a)-[r:IS_NOT]->(b)
ON CREATE SET r.at = $at, r.actor = $actor
RETURN r.at AS at
