// parameters: {"id": "o-1", "person_id": "b", "reason": null, "at": "2026-01-01T00:00:00.000Z", "source": "by-hand"}
MATCH (o:Objection {id: $id}), (p:Person {id: $person_id})
SET o.state = 'settled', o.settled_at = $at, o.reason = $reason
CREATE (p)-[:SETTLED {source: $source}]->(o)
