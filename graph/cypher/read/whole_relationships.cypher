// parameters: {}
MATCH (a)-[r]->(b)
WHERE NOT a:Finding AND NOT a:Remedy AND NOT a:Provisioned AND NOT a:United
RETURN type(r) AS type, a.id AS start, labels(a) AS start_labels, b.id AS end,
       labels(b) AS end_labels, properties(r) AS properties
