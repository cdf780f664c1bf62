// parameters: {}
MATCH (a)-[r]->(b)
WHERE NOT a:Session AND NOT b:Session
RETURN type(r) AS type, elementId(a) AS start, elementId(b) AS end, properties(r) AS properties
