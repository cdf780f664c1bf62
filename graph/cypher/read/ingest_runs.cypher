// parameters: {"limit": 10}
MATCH (r:IngestRun)
RETURN properties(r) AS run
ORDER BY r.started_at DESC
LIMIT $limit
