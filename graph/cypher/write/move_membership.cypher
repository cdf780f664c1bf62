// parameters: {"rows": [{"id": "x", "end": "b"}]}
// A relationship cannot be led to another node: it goes, and comes again with all that it holds.
UNWIND $rows AS row
MATCH (p:Person)-[r:MEMBER_OF {id: row.id}]->(old:Community), (new:Community {id: row.end})
WHERE old <> new
WITH p, r, new, properties(r) AS held
DELETE r
WITH p, new, held
CREATE (p)-[m:MEMBER_OF]->(new)
SET m = held
