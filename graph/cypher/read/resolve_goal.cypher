// parameters: {"refs": ["a"], "source": "s"}
UNWIND $refs AS ref
MATCH (n:Goal {id: ref})
RETURN ref, n.id AS id
