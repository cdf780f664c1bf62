// parameters: {"id": null, "limit": 10}
CALL () {
  WITH $id AS key WHERE key IS NULL
  MATCH (u:United)
  RETURN u
  UNION ALL
  MATCH (u:United {id: $id})
  RETURN u
}
MATCH (u)-[:UNITED_INTO]->(p:Person)
RETURN u.id AS id, u.gone_id AS gone_id, p.id AS person_id, coalesce(p.name, p.id) AS name, u.at AS at, u.actor AS actor,
       u.record AS record
ORDER BY at DESC, id
LIMIT $limit
