// parameters: {"limit": 10}
// Pairs of people who may be one: those with one e-mail address, and those with one name of whom no source tells both. More
// than five of one name say nothing but that the name is common.
CALL () {
  MATCH (p:Person) WHERE p.email_key IS NOT NULL
  WITH p.email_key AS key, collect(p) AS people WHERE size(people) > 1
  UNWIND people AS a UNWIND people AS b
  WITH a, b WHERE a.id < b.id
  RETURN a, b, 'email' AS why
  UNION ALL
  MATCH (p:Person) WHERE p.search_name <> ''
  WITH p.search_name AS key, collect(p) AS people WHERE size(people) > 1 AND size(people) <= 5
  UNWIND people AS a UNWIND people AS b
  WITH a, b WHERE a.id < b.id AND none(s IN a.sources WHERE s IN b.sources AND s <> 'by-hand')
    AND (a.email_key IS NULL OR b.email_key IS NULL OR a.email_key <> b.email_key)
  RETURN a, b, 'name' AS why
}
WITH a, b, why WHERE NOT EXISTS { (a)-[:IS_NOT]-(b) }
RETURN why, a {.id, .name, .email, .title, .sources} AS one, b {.id, .name, .email, .title, .sources} AS other
ORDER BY why, a.id, b.id
LIMIT $limit
