// parameters: {"before": "2026-Q1", "limit": 10}
MATCH (t:PulseTally)
WHERE t.quarter < $before
WITH t LIMIT $limit
DELETE t
RETURN count(*) AS number
