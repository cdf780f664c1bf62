// parameters: {"limit": 10}
MATCH (a:Person)-[r:IS_NOT]->(b:Person)
RETURN a.id AS one, b.id AS other, r.at AS at, r.actor AS actor
ORDER BY at DESC, one, other
LIMIT $limit
