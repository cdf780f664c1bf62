// parameters: {"id": "b"}
MATCH (p:Person {id: $id})
RETURN coalesce(p.external, false) AS external
