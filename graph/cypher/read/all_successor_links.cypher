// parameters: {}
MATCH (n:Community)-[:SUCCEEDED_BY]->(m:Community)
RETURN collect([n.id, m.id]) AS pairs
