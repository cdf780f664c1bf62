// parameters: {"refs": ["a"]}
UNWIND $refs AS ref
MATCH (n:Meeting {id: ref})
RETURN ref, n.id AS id
