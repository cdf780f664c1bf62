// parameters: {"rows": [{"key": "5:a:1", "set": {"note": "(erased)"}}]}
UNWIND $rows AS row
MATCH ()-[r]->() WHERE elementId(r) = row.key
SET r += row.set
