// parameters: {"ids": null, "after": "", "until": null, "limit": 10, "key": "vector_m_key"}
// The texts of `ids`, or where it is null of all behind `after`, up to `until` (null: all) and to a limit.
CALL () {
  WITH $ids AS ids WHERE ids IS NULL AND $until IS NULL
  MATCH (n:Person)
  WHERE n.id > $after
  RETURN n ORDER BY n.id LIMIT $limit
  UNION ALL
  // Apart, so that the index is read from the one end to the other, and no further.
  WITH $ids AS ids WHERE ids IS NULL AND $until IS NOT NULL
  MATCH (n:Person)
  WHERE n.id > $after AND n.id <= $until
  RETURN n ORDER BY n.id LIMIT $limit
  UNION ALL
  UNWIND $ids AS id
  MATCH (n:Person {id: id})
  RETURN n
}
WITH n, COLLECT { MATCH (n)-[h:HAS_SKILL]->(s:Skill) WHERE h.dropped IS NULL RETURN s.name ORDER BY s.name } AS skills
RETURN n.id AS id, [n.title, n.bio] + coalesce(n.interests, []) + skills AS parts, n[$key] AS key
ORDER BY id
