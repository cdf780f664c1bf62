// parameters: {"community_id": "a", "id": null}
// What a community made, or the one of that id; those that are retired too.
CALL () {
  MATCH (a:Artifact {id: $id})-[:MADE_BY]->(c:Community)
  WHERE $community_id IS NULL OR c.id = $community_id
  RETURN a, c
  UNION ALL
  WITH $id AS key WHERE key IS NULL
  MATCH (a:Artifact)-[:MADE_BY]->(c:Community {id: $community_id})
  RETURN a, c
}
RETURN properties(a) AS artifact, c.id AS community_id,
  COLLECT { MATCH (p:Person)-[:MADE]->(a) RETURN [p.id, coalesce(p.name, p.id)] ORDER BY p.id } AS makers
ORDER BY coalesce(a.made_on, '') DESC, a.id
