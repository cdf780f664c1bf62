// parameters: {"refs": ["a"]}
UNWIND $refs AS ref
MATCH (n:Question {id: ref})
RETURN ref, n.id AS id
