// parameters: {"ids": ["a"]}
// The questions that those pieces of advice answer, of those that are there.
UNWIND $ids AS id
MATCH (:Advice {id: id})-[:ANSWERS]->(q:Question)
RETURN id, q.id AS question_id
