// parameters: {"refs": ["a"]}
UNWIND $refs AS ref
MATCH (n:OrgUnit {id: ref})
RETURN ref, n.id AS id
