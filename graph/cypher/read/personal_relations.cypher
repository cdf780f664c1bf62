// parameters: {"id": "a"}
// Everything that touches a person, but for what others noted of them for their own eyes.
MATCH (p:Person {id: $id})-[r]-(n)
WHERE NOT (type(r) = 'DISMISSED' AND endNode(r) = p)
RETURN type(r) AS relation, startNode(r) = p AS outgoing, properties(r) AS properties, labels(n)[0] AS kind,
       n.id AS id, coalesce(n.name, n.title) AS name, properties(n) AS record
ORDER BY relation, outgoing DESC, kind, id
