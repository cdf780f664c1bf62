// parameters: {"rows": [{"id": "a", "targets": ["b"], "source": "s"}]}
UNWIND $rows AS row
MATCH (n:Meeting {id: row.id})
OPTIONAL MATCH (n)-[old:FOLLOWS]->(o:Meeting) WHERE NOT o.id IN row.targets
DELETE old
WITH DISTINCT n, row
UNWIND row.targets AS target
MATCH (t:Meeting {id: target})
MERGE (n)-[r:FOLLOWS]->(t)
ON CREATE SET r.source = row.source
