// parameters: {"before": "2026-01-01"}
MATCH (e:Event)
WHERE e.at < $before AND e.expired IS NULL
RETURN count(*) AS number
