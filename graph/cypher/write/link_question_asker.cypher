// parameters: {"rows": [{"id": "a", "targets": ["b"], "source": "s"}]}
UNWIND $rows AS row
MATCH (n:Question {id: row.id})
OPTIONAL MATCH (n)<-[old:ASKED]-(o:Person) WHERE NOT o.id IN row.targets
DELETE old
WITH DISTINCT n, row
UNWIND row.targets AS target
MATCH (t:Person {id: target})
MERGE (n)<-[r:ASKED]-(t)
ON CREATE SET r.source = row.source
