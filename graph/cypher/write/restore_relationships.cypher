// parameters: {"rows": [{"type": "MEMBER_OF", "start": "4:a:1", "end": "4:a:2", "properties": {}}]}
UNWIND $rows AS row
MATCH (a) WHERE elementId(a) = row.start
MATCH (b) WHERE elementId(b) = row.end
CREATE (a)-[r:$(row.type)]->(b)
SET r = row.properties
