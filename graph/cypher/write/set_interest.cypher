// parameters: {"person_id": "b", "community_id": "a", "set": {"level": "active", "hours": 2.0, "would_lead": false, "join_when_active": true, "note": null}, "at": "2026-01-01T00:00:00.000Z"}
MATCH (p:Person {id: $person_id}), (c:Community {id: $community_id})
MERGE (p)-[i:INTERESTED_IN]->(c)
ON CREATE SET i.since = $at, i.source = 'by-hand'
SET i += $set
RETURN c.id AS id
