// parameters: {"rows": [{"id": "a", "targets": ["b"], "source": "s"}]}
UNWIND $rows AS row
MATCH (n:Advice {id: row.id})
OPTIONAL MATCH (n)-[old:ANSWERS]->(o:Question) WHERE NOT o.id IN row.targets
DELETE old
WITH DISTINCT n, row
UNWIND row.targets AS target
MATCH (t:Question {id: target})
MERGE (n)-[r:ANSWERS]->(t)
ON CREATE SET r.source = row.source
