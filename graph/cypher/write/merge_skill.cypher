// parameters: {"rows": [{"id": "a", "set": {"name": "A"}}]}
UNWIND $rows AS row
MERGE (n:Skill {id: row.id})
SET n += row.set
RETURN count(*) AS written
