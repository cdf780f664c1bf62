// parameters: {}
MATCH (n:Meeting)-[:FOLLOWS]->(m:Meeting)
RETURN collect([n.id, m.id]) AS pairs
