// parameters: {"before": "2026-Q1"}
// Answers of quarters before this one.
MATCH (t:PulseTally)
WHERE t.quarter < $before
RETURN count(*) AS number
