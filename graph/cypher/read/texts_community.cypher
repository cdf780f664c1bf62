// parameters: {"after": "", "limit": 10, "key": "vector_m_key"}
MATCH (n:Community)
WHERE n.id > $after
WITH n ORDER BY n.id LIMIT $limit
RETURN n.id AS id, [n.name, n.domain] + coalesce(n.topics, []) + [n.audience] AS parts, n[$key] AS key
ORDER BY id
