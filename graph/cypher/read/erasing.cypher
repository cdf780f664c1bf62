// parameters: {"id": "a"}
// What it takes to find a person wherever they are named; `once`: ids of people who turned out to be them.
MATCH (p:Person {id: $id})
RETURN properties(p) AS person, COLLECT { MATCH (a:Alias)-[:IDENTIFIES]->(p) RETURN a.id ORDER BY a.id } AS aliases,
  COLLECT { MATCH (u:United)-[:UNITED_INTO]->(p) RETURN u.gone_id ORDER BY u.gone_id } AS once,
  COLLECT { MATCH (v:Provisioned)-[:STANDS_FOR]->(p) RETURN v.resource ORDER BY v.id } AS provisioned,
  COLLECT {
    MATCH (k:ApiKey {person_id: $id})
    RETURN k.id AS id
    UNION
    MATCH (u:United)-[:UNITED_INTO]->(p)
    MATCH (k:ApiKey {set_aside: u.id})
    RETURN k.id AS id
  } AS keys
