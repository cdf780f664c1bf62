// parameters: {}
MATCH (n:OrgUnit)-[:PART_OF]->(m:OrgUnit)
RETURN collect([n.id, m.id]) AS pairs
