// parameters: {"person_id": "b", "community_id": "a", "state": "accepted", "note": null, "at": "2026-01-01T00:00:00.000Z"}
MATCH (p:Person {id: $person_id})-[i:INVITED_TO]->(:Community {id: $community_id})
SET i.state = $state, i.note = $note, i.decided_at = $at
RETURN p.id AS id
