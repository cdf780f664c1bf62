// parameters: {"id": "a", "limit": 10}
MATCH (:Person {id: $id})-[:GAVE]->(a:Advice)
RETURN DISTINCT a.id AS id ORDER BY id LIMIT $limit
