// parameters: {"keep": "restoring", "limit": 10}
// A hub's relationships are too many for one transaction: they go first, so many at a time.
CALL () {
  MATCH (n)-[r]->() WHERE NOT n:Migration WITH r LIMIT $limit DELETE r RETURN count(*) AS relationships
}
CALL (relationships) {
  WITH relationships WHERE relationships = 0
  MATCH (n) WHERE NOT n:Migration AND NOT (n:Meta AND n.id = $keep)
  WITH n LIMIT $limit DELETE n RETURN count(*) AS nodes
}
RETURN relationships + nodes AS deleted
