// parameters: {"before": "2026-01-01T00:00:00.000Z"}
MATCH (s:Session)
WHERE s.expires_at <= $before
RETURN count(*) AS number
