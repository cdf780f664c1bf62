// parameters: {"id": "e", "person_id": "a", "set": {"emails": ["a@b.example"], "at": "2026-01-01T00:00:00.000Z"}}
// What is still to be done, with what it takes to find them. Their keys and sessions open nothing from here on.
MERGE (e:Erasure {id: $id})
SET e += $set, e.person_id = $person_id
RETURN e.id AS id
