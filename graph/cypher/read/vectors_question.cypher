// parameters: {"ids": null, "property": "vector_m", "key": "vector_m_key"}
// The vectors of `ids` (null: all), each with the key of what it was made from. Collected: row by row the driver spends
// most of its time on records.
CALL () {
  WITH $ids AS ids WHERE ids IS NULL
  MATCH (n:Question)
  RETURN n
  UNION ALL
  UNWIND $ids AS id
  MATCH (n:Question {id: id})
  RETURN n
}
WITH n.id AS id, n[$key] AS key, n[$property] AS vector
WHERE vector IS NOT NULL
RETURN collect(id) AS ids, collect(coalesce(key, '')) AS keys, collect(vector) AS vectors
