// parameters: {"person_id": "p", "helper_id": "h", "reason": null, "until": null, "at": "2026-01-01T00:00:00Z"}
MATCH (p:Person {id: $person_id}), (h:Person {id: $helper_id})
MERGE (p)-[d:DISMISSED]->(h)
SET d.reason = $reason, d.until = $until, d.at = $at, d.source = 'by-hand'
RETURN h.id AS id
