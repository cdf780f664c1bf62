// parameters: {"before": "2026-01-01T00:00:00.000Z", "limit": 10}
MATCH (s:Session)
WHERE s.expires_at <= $before
WITH s LIMIT $limit
DELETE s
RETURN count(*) AS number
