// parameters: {"rows": [{"id": "a", "targets": ["b"], "source": "s"}]}
UNWIND $rows AS row
MATCH (n:Skill {id: row.id})
OPTIONAL MATCH (n)-[old:BROADER]->(o:Skill) WHERE NOT o.id IN row.targets
DELETE old
WITH DISTINCT n, row
UNWIND row.targets AS target
MATCH (t:Skill {id: target})
MERGE (n)-[r:BROADER]->(t)
ON CREATE SET r.source = row.source
