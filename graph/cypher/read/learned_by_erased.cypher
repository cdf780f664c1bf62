// parameters: {"ids": ["q"]}
UNWIND $ids AS id
MATCH (q:Question {id: id})
WHERE q.asker_erased
RETURN q.id AS id
