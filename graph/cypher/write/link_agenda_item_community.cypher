// parameters: {"rows": [{"id": "a", "targets": ["b"], "source": "s"}]}
UNWIND $rows AS row
MATCH (n:AgendaItem {id: row.id})
OPTIONAL MATCH (n)-[old:OF]->(o:Community) WHERE NOT o.id IN row.targets
DELETE old
WITH DISTINCT n, row
UNWIND row.targets AS target
MATCH (t:Community {id: target})
MERGE (n)-[r:OF]->(t)
ON CREATE SET r.source = row.source
