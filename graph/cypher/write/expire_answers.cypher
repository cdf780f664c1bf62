// parameters: {"before": "2026-01-01T00:00:00.000Z", "limit": 10}
MATCH (k:IdempotencyKey)
WHERE k.at < $before
WITH k LIMIT $limit
DELETE k
RETURN count(*) AS number
