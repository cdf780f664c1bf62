// parameters: {"id": "restoring", "at": "2026-01-01T00:00:00Z", "file": "backup.jsonl.gz"}
MERGE (m:Meta {id: $id})
SET m.at = $at, m.file = $file
