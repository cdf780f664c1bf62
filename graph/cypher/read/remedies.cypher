// parameters: {"id": null, "community_id": null, "limit": 10}
// Remedies that were carried out, the latest first, with the communities that they are about in their order.
MATCH (r:Remedy)
WHERE ($id IS NULL OR r.id = $id)
  AND ($community_id IS NULL OR EXISTS { (r)-[:ABOUT]->(:Community {id: $community_id}) })
RETURN properties(r) AS remedy,
  COLLECT { MATCH (r)-[a:ABOUT]->(c:Community) RETURN [c.id, coalesce(c.name, c.id)] ORDER BY a.place } AS about
ORDER BY r.at DESC, r.id
LIMIT $limit
