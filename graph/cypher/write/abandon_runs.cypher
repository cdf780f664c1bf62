// parameters: {"source": "s", "at": "2026-01-01T00:00:00Z"}
MATCH (r:IngestRun {source: $source})
WHERE r.state = 'running'
SET r.state = 'abandoned', r.finished_at = $at
