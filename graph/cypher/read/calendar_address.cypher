// parameters: {"digest": "d", "today": "2026-01-01"}
// Whose calendar address that is, unless they have left.
MATCH (a:CalendarAddress {digest: $digest})
MATCH (p:Person {id: a.id})
WHERE p.left_on IS NULL OR p.left_on > $today
RETURN p.id AS person_id
