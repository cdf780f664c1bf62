// parameters: {"person_id": "a", "role": "admin", "at": "2026-01-01T00:00:00.000Z"}
MATCH (p:Person {id: $person_id})
OPTIONAL MATCH (b:Account {id: p.id})
WITH p, b.role AS before
MERGE (a:Account {id: p.id})
SET a.role = $role, a.given_at = $at
RETURN before
