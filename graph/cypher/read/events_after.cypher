// parameters: {"after": 0, "limit": 10}
MATCH (e:Event)
WHERE e.seq > $after
RETURN e.seq AS seq, e.at AS at, e.actor_id AS actor, e.action AS action, e.subjects AS subjects, e.details AS details
ORDER BY seq
LIMIT $limit
