// parameters: {"id": "a", "limit": 10}
// What they proposed, and what they were asked for help with: it was between them and others, and is read with both alone.
MATCH (p:Person {id: $id})
CALL (p) {
  MATCH (p)-[:PROPOSED]->(n:Initiative)
  RETURN n
  UNION
  MATCH (p)<-[:TO]-(n:HelpRequest)
  RETURN n
  UNION
  MATCH (n:Alias)-[:IDENTIFIES]->(p)
  RETURN n
}
WITH n LIMIT $limit
DETACH DELETE n
RETURN count(*) AS number
