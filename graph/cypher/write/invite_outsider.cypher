// parameters: {"person_id": "b", "community_id": "a", "by": null, "reason": "r", "at": "2026-01-01T00:00:00.000Z"}
MATCH (p:Person {id: $person_id}), (c:Community {id: $community_id})
MERGE (p)-[i:INVITED_TO]->(c)
SET i = {state: 'asked', by: $by, reason: $reason, at: $at, source: 'by-hand'}
RETURN p.id AS id
