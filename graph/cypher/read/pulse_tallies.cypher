// parameters: {"id": "a", "before": "2026-Q1"}
// How often each answer was given in a community, by question and quarter, of quarters that are over.
MATCH (t:PulseTally {community_id: $id})
WHERE t.quarter < $before
RETURN t.quarter AS quarter, t.question AS question, t.counts AS counts
ORDER BY quarter DESC, question
