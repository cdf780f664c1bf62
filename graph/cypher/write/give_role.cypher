// parameters: {"person_id": "a", "role": "admin", "at": "2026-01-01T00:00:00.000Z"}
MATCH (p:Person {id: $person_id})
MERGE (a:Account {id: p.id})
SET a.role = $role, a.given_at = $at
RETURN a.id AS id
