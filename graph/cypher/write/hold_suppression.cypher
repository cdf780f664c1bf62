// parameters: {"holder": "ingest", "secret": "f"}
// Whoever writes what sources say of people, and whoever erases somebody, waits here for the other: nobody is brought
// back by what was read before they were erased. `others`: the list was made with another secret.
MERGE (m:Meta {id: 'suppression'})
SET m.locked_by = $holder
WITH m, COUNT { MATCH (s:Suppression) WHERE s.lifted_at IS NULL RETURN s } AS number
RETURN number, number > 0 AND m.secret <> $secret AS others
