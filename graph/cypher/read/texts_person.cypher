// parameters: {"after": "", "limit": 10, "key": "vector_m_key"}
MATCH (n:Person)
WHERE n.id > $after
WITH n ORDER BY n.id LIMIT $limit
WITH n, [(n)-[:HAS_SKILL]->(s:Skill) | s.name] AS skills
RETURN n.id AS id, [n.title, n.bio] + coalesce(n.interests, []) + skills AS parts, n[$key] AS key
ORDER BY id
