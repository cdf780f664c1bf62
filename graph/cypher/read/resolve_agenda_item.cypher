// parameters: {"refs": ["a"]}
UNWIND $refs AS ref
MATCH (n:AgendaItem {id: ref})
RETURN ref, n.id AS id
