// parameters: {"ids": null, "after": "", "limit": 10, "key": "vector_m_key"}
// The texts of `ids`, or of all behind `after` where it is null, up to a limit.
CALL () {
  WITH $ids AS ids WHERE ids IS NULL
  MATCH (n:Person)
  WHERE n.id > $after
  RETURN n ORDER BY n.id LIMIT $limit
  UNION ALL
  UNWIND $ids AS id
  MATCH (n:Person {id: id})
  RETURN n
}
WITH n, COLLECT { MATCH (n)-[h:HAS_SKILL]->(s:Skill) WHERE h.dropped IS NULL RETURN s.name ORDER BY s.name } AS skills
RETURN n.id AS id, [n.title, n.bio] + coalesce(n.interests, []) + skills AS parts, n[$key] AS key
ORDER BY id
