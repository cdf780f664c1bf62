// parameters: {"ids": null, "after": "", "limit": 10, "property": "vector_m", "key": "vector_m_key"}
// The vectors of `ids`, or where it is null of all behind `after`, up to a limit; each with the key of what it was made
// from. Collected: row by row the driver spends most of its time on records. `last` is the last that was looked at,
// `number` how many were.
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
WITH n.id AS id, n[$key] AS key, n[$property] AS vector
RETURN collect(CASE WHEN vector IS NOT NULL THEN id END) AS ids,
  collect(CASE WHEN vector IS NOT NULL THEN coalesce(key, '') END) AS keys,
  collect(vector) AS vectors, max(id) AS last, count(*) AS number
