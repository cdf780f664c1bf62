// parameters: {"rows": [{"id": "a", "targets": ["b"], "source": "s"}]}
UNWIND $rows AS row
MATCH (n:Question {id: row.id})
OPTIONAL MATCH (n)-[old:IN]->(o:Community) WHERE NOT o.id IN row.targets
DELETE old
WITH DISTINCT n, row
UNWIND row.targets AS target
MATCH (t:Community {id: target})
MERGE (n)-[r:IN]->(t)
ON CREATE SET r.source = row.source
