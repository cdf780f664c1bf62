// parameters: {"id": "j", "set": {"state": "asked", "asked_at": "2026-01-01T00:00:00.000Z"}, "person_id": "b", "community_id": "a"}
MATCH (p:Person {id: $person_id}), (c:Community {id: $community_id})
CREATE (j:JoinRequest {id: $id})
SET j += $set
CREATE (p)-[:ASKED_TO_JOIN {source: 'by-hand'}]->(j), (j)-[:TO {source: 'by-hand'}]->(c)
RETURN j.id AS id
