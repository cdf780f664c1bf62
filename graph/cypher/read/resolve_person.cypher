// parameters: {"refs": ["a"], "source": "s"}
UNWIND $refs AS ref
OPTIONAL MATCH (a:Alias {id: $source + '/' + ref})-[:IDENTIFIES]->(m:Person)
OPTIONAL MATCH (n:Person {id: ref})
WITH ref, coalesce(m.id, n.id) AS id
WHERE id IS NOT NULL
RETURN ref, id
