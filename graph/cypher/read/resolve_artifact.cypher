// parameters: {"refs": ["a"]}
UNWIND $refs AS ref
MATCH (n:Artifact {id: ref})
RETURN ref, n.id AS id
