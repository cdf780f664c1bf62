// parameters: {"rows": [{"key": "4:a:1", "set": {"text": "(erased)"}}]}
UNWIND $rows AS row
MATCH (n) WHERE elementId(n) = row.key
SET n += row.set
