// parameters: {"id": "q"}
MATCH (q:Question {id: $id})
RETURN head(COLLECT { MATCH (p:Person)-[:ASKED]->(q) RETURN p.id ORDER BY p.id }) AS asker_id
