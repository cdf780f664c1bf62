// parameters: {"property": "vector_m", "nothing": {"vector_m": null, "vector_m_key": null}, "limit": 10}
MATCH (n:Community)
WHERE n[$property] IS NOT NULL
WITH n LIMIT $limit
SET n += $nothing
RETURN count(n) AS number
