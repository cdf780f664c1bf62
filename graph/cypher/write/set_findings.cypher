// parameters: {"rows": [{"id": "f", "set": {"status": "gone"}}]}
UNWIND $rows AS row
MATCH (f:Finding {id: row.id})
SET f += row.set
