// parameters: {"before": "2026-01-01T00:00:00.000Z"}
MATCH (k:IdempotencyKey)
WHERE k.at < $before
RETURN count(*) AS number
