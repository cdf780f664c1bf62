// parameters: {"id": "a", "limit": 10}
MATCH (:Person {id: $id})-[:ASKED]->(q:Question)
WITH DISTINCT q ORDER BY q.id LIMIT $limit
RETURN q.id AS id, COLLECT { MATCH (a:Advice)-[:ANSWERS]->(q) WHERE a.learned IS NOT NULL RETURN a.id ORDER BY a.id } AS advice
