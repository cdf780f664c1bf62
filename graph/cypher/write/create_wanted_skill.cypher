// parameters: {"rows": [{"start": "a", "end": "b", "set": {"id": "x"}}]}
UNWIND $rows AS row
MATCH (a:Person {id: row.start}), (b:Skill {id: row.end})
CREATE (a)-[r:WANTS_TO_LEARN]->(b)
SET r = row.set
RETURN count(*) AS written
