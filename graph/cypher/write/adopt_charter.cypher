// parameters: {"id": "a/2", "person_id": "b", "at": "2026-01-01T00:00:00.000Z", "superseded": ["a/1"], "objections": 1, "source": "by-hand"}
// `superseded`: the ids of the versions that were in force till now.
MATCH (v:CharterVersion {id: $id}), (p:Person {id: $person_id})
SET v.state = 'adopted', v.adopted_at = $at, v.open_objections = $objections
CREATE (p)-[:ADOPTED {source: $source}]->(v)
WITH v
UNWIND $superseded AS before
MATCH (o:CharterVersion {id: before})
SET o.state = 'superseded', o.superseded_at = $at
