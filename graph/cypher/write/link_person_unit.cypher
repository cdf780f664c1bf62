// parameters: {"rows": [{"id": "a", "targets": ["b"], "source": "s"}]}
UNWIND $rows AS row
MATCH (n:Person {id: row.id})
OPTIONAL MATCH (n)-[old:WORKS_IN]->(o:OrgUnit) WHERE NOT o.id IN row.targets
DELETE old
WITH DISTINCT n, row
UNWIND row.targets AS target
MATCH (t:OrgUnit {id: target})
MERGE (n)-[r:WORKS_IN]->(t)
ON CREATE SET r.source = row.source
