// parameters: {"ids": null, "after": "", "limit": 10, "key": "vector_m_key"}
// The texts of `ids`, or of all behind `after` where it is null, up to a limit.
CALL () {
  WITH $ids AS ids WHERE ids IS NULL
  MATCH (n:Question)
  WHERE n.id > $after
  RETURN n ORDER BY n.id LIMIT $limit
  UNION ALL
  UNWIND $ids AS id
  MATCH (n:Question {id: id})
  RETURN n
}
RETURN n.id AS id, [n.title, n.text] AS parts, n[$key] AS key
ORDER BY id
