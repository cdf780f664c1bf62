// parameters: {"ids": ["a"]}
// In which groups users and groups are, the oldest group first.
UNWIND $ids AS id
MATCH (n:Provisioned {id: id})
RETURN id, properties(n) AS stored, COLLECT {
  MATCH (g:Provisioned)-[:CONTAINS]->(n)
  WHERE g.deleted_at IS NULL
  RETURN g.thing_id ORDER BY g.created_at, g.id
} AS in_things
