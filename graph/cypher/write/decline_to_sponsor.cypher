// parameters: {"community_id": "a", "person_id": "b", "reason": null, "at": "2026-01-01T00:00:00.000Z"}
MATCH (:Person {id: $person_id})-[r:ASKED_TO_SPONSOR]->(:Community {id: $community_id})
SET r.state = 'declined', r.at = $at, r.reason = $reason
