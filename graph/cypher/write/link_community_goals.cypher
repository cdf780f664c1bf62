// parameters: {"rows": [{"id": "a", "targets": ["b"], "source": "s"}]}
UNWIND $rows AS row
MATCH (n:Community {id: row.id})
OPTIONAL MATCH (n)-[old:SERVES]->(o:Goal) WHERE NOT o.id IN row.targets
DELETE old
WITH DISTINCT n, row
UNWIND row.targets AS target
MATCH (t:Goal {id: target})
MERGE (n)-[r:SERVES]->(t)
ON CREATE SET r.source = row.source
