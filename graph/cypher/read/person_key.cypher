// parameters: {"id": "a"}
MATCH (p:Person {id: $id})
RETURN elementId(p) AS key, properties(p) AS stored
