// parameters: {}
MATCH (n:Skill)-[:BROADER]->(m:Skill)
RETURN collect([n.id, m.id]) AS pairs
