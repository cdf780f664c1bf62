// parameters: {"id": "r", "question_id": "q", "helper_id": "h", "at": "2026-01-01T00:00:00.000Z", "source": "by-hand"}
MATCH (q:Question {id: $question_id}), (h:Person {id: $helper_id})
CREATE (r:HelpRequest {id: $id, state: 'asked', requested_at: $at, source: $source})
CREATE (r)-[:FOR {source: $source}]->(q), (r)-[:TO {source: $source}]->(h)
RETURN r.id AS id
