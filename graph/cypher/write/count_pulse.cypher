// parameters: {"id": "a/2026-Q1/welcome", "community_id": "a", "quarter": "2026-Q1", "question": "welcome", "answer": 5}
// One answer more: a number, not a thing of its own, so that it has neither an order nor a moment. It hangs on nothing.
MERGE (t:PulseTally {id: $id})
ON CREATE SET t.community_id = $community_id, t.quarter = $quarter, t.question = $question, t.counts = [0, 0, 0, 0, 0]
SET t.counts = [place IN range(1, 5) | t.counts[place - 1] + CASE WHEN place = $answer THEN 1 ELSE 0 END]
RETURN t.id AS id
