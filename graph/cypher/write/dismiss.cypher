// parameters: {"person_id": "p", "community_id": "c", "reason": null, "until": null, "at": "2026-01-01T00:00:00Z"}
MATCH (p:Person {id: $person_id}), (c:Community {id: $community_id})
MERGE (p)-[d:DISMISSED]->(c)
SET d.reason = $reason, d.until = $until, d.at = $at, d.source = 'by-hand'
RETURN c.id AS id
