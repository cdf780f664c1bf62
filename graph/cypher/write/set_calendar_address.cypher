// parameters: {"person_id": "a", "digest": "d", "at": "2026-01-01T00:00:00.000Z"}
MATCH (p:Person {id: $person_id})
MERGE (a:CalendarAddress {id: $person_id})
SET a.digest = $digest, a.at = $at
RETURN a.id AS id
