// parameters: {"person_id": "b", "community_id": "a", "at": "2026-01-01T00:00:00.000Z", "by": null}
// Who has joined waits for nothing any more, whoever let them in.
MATCH (:Person {id: $person_id})-[:ASKED_TO_JOIN]->(j:JoinRequest {state: 'asked'})-[:TO]->(:Community {id: $community_id})
SET j.state = 'accepted', j.decided_at = $at, j.decided_by = $by
RETURN j.id AS id
