// parameters: {}
// When each question was asked that is not private, in the order of ids.
MATCH (q:Question)
WHERE NOT coalesce(q.private, false) AND q.asked_at IS NOT NULL
RETURN q.id AS id, q.asked_at AS asked_at
ORDER BY id
