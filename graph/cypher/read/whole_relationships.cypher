// parameters: {"after": "", "limit": 10}
MATCH (a)-[r]->(b)
WHERE elementId(r) > $after AND NOT a:Finding AND NOT a:Remedy AND NOT a:Provisioned AND NOT a:United
RETURN elementId(r) AS key, type(r) AS type, a.id AS start, labels(a) AS start_labels, b.id AS end,
       labels(b) AS end_labels, properties(r) AS properties
ORDER BY key
LIMIT $limit
