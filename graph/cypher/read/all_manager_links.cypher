// parameters: {}
MATCH (n:Person)-[:REPORTS_TO]->(m:Person)
RETURN collect([n.id, m.id]) AS pairs
