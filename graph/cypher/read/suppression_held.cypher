// parameters: {"secret": "f"}
// As write/hold_suppression, for who only looks.
OPTIONAL MATCH (m:Meta {id: 'suppression'})
WITH m, COUNT { MATCH (s:Suppression) WHERE s.lifted_at IS NULL RETURN s } AS number
RETURN number, number > 0 AND m.secret <> $secret AS others
