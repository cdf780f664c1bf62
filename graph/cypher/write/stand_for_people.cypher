// parameters: {"rows": [{"id": "a", "person_id": "p"}]}
UNWIND $rows AS row
MATCH (n:Provisioned {id: row.id}), (p:Person {id: row.person_id})
MERGE (n)-[:STANDS_FOR]->(p)
