// parameters: {"id": "a"}
// What it takes to find a person wherever they are named.
MATCH (p:Person {id: $id})
RETURN properties(p) AS person, COLLECT { MATCH (a:Alias)-[:IDENTIFIES]->(p) RETURN a.id ORDER BY a.id } AS aliases,
  COLLECT { MATCH (k:ApiKey {person_id: $id}) RETURN k.id ORDER BY k.id } AS keys
