// parameters: {"rows": [{"id": "a", "targets": ["b"], "source": "s"}]}
UNWIND $rows AS row
MATCH (n:OrgUnit {id: row.id})
OPTIONAL MATCH (n)-[old:PART_OF]->(o:OrgUnit) WHERE NOT o.id IN row.targets
DELETE old
WITH DISTINCT n, row
UNWIND row.targets AS target
MATCH (t:OrgUnit {id: target})
MERGE (n)-[r:PART_OF]->(t)
ON CREATE SET r.source = row.source
