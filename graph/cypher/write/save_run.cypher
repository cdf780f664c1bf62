// parameters: {"id": "r", "set": {"source": "s", "state": "running"}}
MERGE (r:IngestRun {id: $id})
SET r += $set
