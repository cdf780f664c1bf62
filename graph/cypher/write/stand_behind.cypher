// parameters: {"id": "a/1", "person_id": "b", "at": "2026-01-01T00:00:00.000Z", "source": "by-hand"}
MATCH (v:CharterVersion {id: $id}), (p:Person {id: $person_id})
MERGE (p)-[r:STANDS_BEHIND]->(v)
ON CREATE SET r.at = $at, r.source = $source
