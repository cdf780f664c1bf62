// parameters: {"before": "2026-01-01", "limit": 10}
// That something was done and when stays, as the revision counts it; by whom, to what and how goes.
MATCH (e:Event)
WHERE e.at < $before AND e.expired IS NULL
WITH e LIMIT $limit
SET e.expired = true, e.actor_id = '(expired)', e.subjects = [], e.details = '{}'
RETURN count(*) AS number
