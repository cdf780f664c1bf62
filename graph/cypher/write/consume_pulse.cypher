// parameters: {"person_id": "a", "quarter": "2026-Q1"}
// That somebody answered or skipped in a quarter: neither what, nor about which community, nor on which day.
MATCH (p:Person {id: $person_id})
SET p.pulsed_in = $quarter
RETURN p.id AS id
