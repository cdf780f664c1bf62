// parameters: {"rows": [{"id": "a", "targets": ["b"], "source": "s"}]}
UNWIND $rows AS row
MATCH (n:Artifact {id: row.id})
OPTIONAL MATCH (n)-[old:MADE_BY]->(o:Community) WHERE NOT o.id IN row.targets
DELETE old
WITH DISTINCT n, row
UNWIND row.targets AS target
MATCH (t:Community {id: target})
MERGE (n)-[r:MADE_BY]->(t)
ON CREATE SET r.source = row.source
