// parameters: {"rows": [{"id": "x", "set": {"source": "s"}}]}
UNWIND $rows AS row
MATCH ()-[r:MEMBER_OF {id: row.id}]->()
SET r += row.set
RETURN count(*) AS written
