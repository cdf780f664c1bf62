// parameters: {"rows": [{"id": "a", "targets": ["b"], "source": "s"}]}
UNWIND $rows AS row
MATCH (:Charter {id: row.id})<-[:HAS_CHARTER]-(c:Community)
OPTIONAL MATCH (o:Person)-[old:SPONSORS]->(c) WHERE old.source = row.source AND NOT o.id IN row.targets
DELETE old
WITH DISTINCT c, row
UNWIND row.targets AS target
MATCH (t:Person {id: target})
// Who stepped down is brought back by no source.
WHERE NOT EXISTS { MATCH (t)-[:STEPPED_DOWN_FROM]->(c) }
MERGE (t)-[r:SPONSORS]->(c)
ON CREATE SET r.source = row.source
