// parameters: {"id": null, "limit": 10}
MATCH (u:United)-[:UNITED_INTO]->(p:Person)
WHERE $id IS NULL OR u.id = $id
RETURN u.id AS id, u.gone_id AS gone_id, p.id AS person_id, coalesce(p.name, p.id) AS name, u.at AS at, u.actor AS actor,
       u.record AS record
ORDER BY at DESC, id
LIMIT $limit
