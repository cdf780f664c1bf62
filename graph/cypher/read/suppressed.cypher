// parameters: {"marks": ["hash"]}
UNWIND $marks AS mark
MATCH (s:Suppression {id: mark})
WHERE s.lifted_at IS NULL
RETURN s.id AS mark, s.erasure AS erasure
