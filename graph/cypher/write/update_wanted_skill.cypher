// parameters: {"rows": [{"id": "x", "set": {"source": "s"}}]}
UNWIND $rows AS row
MATCH ()-[r:WANTS_TO_LEARN {id: row.id}]->()
SET r += row.set
RETURN count(*) AS written
