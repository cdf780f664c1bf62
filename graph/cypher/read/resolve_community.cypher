// parameters: {"refs": ["a"]}
UNWIND $refs AS ref
MATCH (n:Community {id: ref})
RETURN ref, n.id AS id
