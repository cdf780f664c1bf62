// parameters: {"id": null, "community_id": null, "limit": 10}
// Remedies that were carried out, the latest first, with the communities that they are about in their order: all, or the
// one of an id, or those that are about a community.
CALL () {
  WITH $id AS id, $community_id AS community_id WHERE id IS NULL AND community_id IS NULL
  MATCH (r:Remedy)
  WHERE r.at > ''
  WITH r ORDER BY r.at DESC, r.id LIMIT $limit
  RETURN r
  UNION
  MATCH (r:Remedy {id: $id})
  WHERE $community_id IS NULL OR EXISTS { (r)-[:ABOUT]->(:Community {id: $community_id}) }
  RETURN r
  UNION
  WITH $id AS id WHERE id IS NULL
  MATCH (r:Remedy)-[:ABOUT]->(:Community {id: $community_id})
  RETURN r
}
RETURN properties(r) AS remedy,
  COLLECT { MATCH (r)-[a:ABOUT]->(c:Community) RETURN [c.id, coalesce(c.name, c.id)] ORDER BY a.place } AS about
ORDER BY r.at DESC, r.id
LIMIT $limit
