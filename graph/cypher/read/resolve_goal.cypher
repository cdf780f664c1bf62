// parameters: {"refs": ["a"]}
UNWIND $refs AS ref
MATCH (n:Goal {id: ref})
RETURN ref, n.id AS id
