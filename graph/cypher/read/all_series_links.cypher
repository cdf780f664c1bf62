// parameters: {}
MATCH (n:Meeting)-[:IN_SERIES]->(m:Meeting)
RETURN collect([n.id, m.id]) AS pairs
