// parameters: {"rows": [{"id": "s/x", "person_id": "a", "source": "s"}]}
UNWIND $rows AS row
MATCH (p:Person {id: row.person_id})
MERGE (a:Alias {id: row.id})
SET a.source = row.source
MERGE (a)-[:IDENTIFIES]->(p)
