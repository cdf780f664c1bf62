// parameters: {"before": "2026-Q1"}
// How often each answer was given in every community, by question and quarter, of quarters that are over.
MATCH (t:PulseTally)
WHERE t.quarter < $before
RETURN t.community_id AS community_id, t.quarter AS quarter, t.question AS question, t.counts AS counts
ORDER BY community_id, quarter DESC, question
