// parameters: {}
MATCH (n:Community)-[:PART_OF]->(m:Community)
RETURN collect([n.id, m.id]) AS pairs
