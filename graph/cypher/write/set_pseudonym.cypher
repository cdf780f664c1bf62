// parameters: {"id": "a", "new": "p-1"}
// Under which the log of privileged acts knows a person; it is on record here alone, and goes with them.
MATCH (p:Person {id: $id})
SET p.pseudonym = coalesce(p.pseudonym, $new)
RETURN p.pseudonym AS pseudonym
