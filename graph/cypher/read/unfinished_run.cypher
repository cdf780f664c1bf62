// parameters: {"source": "s"}
MATCH (r:IngestRun {source: $source})
WHERE r.state = 'running'
RETURN properties(r) AS run
ORDER BY r.started_at DESC
LIMIT 1
