// parameters: {"rows": [{"start": "a", "end": "b", "set": {"id": "x"}}]}
UNWIND $rows AS row
MATCH (a:Person {id: row.start}), (b:Skill {id: row.end})
CREATE (a)-[r:HAS_SKILL]->(b)
SET r = row.set
RETURN count(*) AS written
