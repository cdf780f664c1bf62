// parameters: {"rows": [{"id": "a", "targets": ["b"], "source": "s"}]}
UNWIND $rows AS row
MATCH (n:Meeting {id: row.id})
OPTIONAL MATCH (n)-[old:IN_SERIES]->(o:Meeting) WHERE NOT o.id IN row.targets
DELETE old
WITH DISTINCT n, row
UNWIND row.targets AS target
MATCH (t:Meeting {id: target})
MERGE (n)-[r:IN_SERIES]->(t)
ON CREATE SET r.source = row.source
