// parameters: {"id": "a"}
MATCH (p:Person {id: $id})-[r]-(n)
RETURN elementId(r) AS key, type(r) AS type, startNode(r) = p AS outgoing, elementId(n) AS end, labels(n)[0] AS label,
       n.id AS id, properties(r) AS properties
ORDER BY type, outgoing, label, id, key
