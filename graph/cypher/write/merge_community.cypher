// parameters: {"rows": [{"id": "a", "set": {"name": "A"}}]}
UNWIND $rows AS row
MERGE (n:Community {id: row.id})
SET n += row.set
RETURN count(*) AS written
