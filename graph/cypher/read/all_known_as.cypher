// parameters: {}
// Everybody, with all by which a source may know them.
MATCH (p:Person)
RETURN p.id AS id, p.email AS email, COLLECT { MATCH (a:Alias)-[:IDENTIFIES]->(p) RETURN a.id } AS aliases
