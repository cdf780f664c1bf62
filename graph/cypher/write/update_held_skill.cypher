// parameters: {"rows": [{"id": "x", "set": {"source": "s"}}]}
UNWIND $rows AS row
MATCH ()-[r:HAS_SKILL {id: row.id}]->()
SET r += row.set
RETURN count(*) AS written
