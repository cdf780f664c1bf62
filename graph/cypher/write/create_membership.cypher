// parameters: {"rows": [{"start": "a", "end": "b", "set": {"id": "x"}}]}
UNWIND $rows AS row
MATCH (a:Person {id: row.start}), (b:Community {id: row.end})
CREATE (a)-[r:MEMBER_OF]->(b)
SET r = row.set
RETURN count(*) AS written
