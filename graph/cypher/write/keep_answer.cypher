// parameters: {"id": "k", "request": "r", "answer": "{}", "at": "2026-01-01T00:00:00Z", "before": "2025-12-31T00:00:00Z"}
CREATE (:IdempotencyKey {id: $id, request: $request, answer: $answer, at: $at})
WITH 1 AS done
CALL (done) {
  // A few old ones go with each new one: the number kept stays bounded without a job of its own.
  MATCH (old:IdempotencyKey)
  WHERE old.at < $before
  WITH old LIMIT 20
  DELETE old
}
