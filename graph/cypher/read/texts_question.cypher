// parameters: {"after": "", "limit": 10, "key": "vector_m_key"}
MATCH (n:Question)
WHERE n.id > $after
WITH n ORDER BY n.id LIMIT $limit
RETURN n.id AS id, [n.title, n.text] AS parts, n[$key] AS key
ORDER BY id
