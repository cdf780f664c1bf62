// parameters: {"id": "a", "limit": 10}
// What they proposed, what they asked to be let in with, and what they were asked for help with: it was between them and others, and is read with both
// alone. And by what else sources know them, as whom an identity provider does, and with whom they were united.
MATCH (p:Person {id: $id})
CALL (p) {
  MATCH (p)-[:PROPOSED]->(n:Initiative)
  RETURN n
  UNION
  MATCH (p)-[:ASKED_TO_JOIN]->(n:JoinRequest)
  RETURN n
  UNION
  MATCH (p)<-[:TO]-(n:HelpRequest)
  RETURN n
  UNION
  MATCH (n:Alias)-[:IDENTIFIES]->(p)
  RETURN n
  UNION
  MATCH (n:Provisioned)-[:STANDS_FOR]->(p)
  RETURN n
  UNION
  MATCH (n:United)-[:UNITED_INTO]->(p)
  RETURN n
}
WITH n LIMIT $limit
DETACH DELETE n
RETURN count(*) AS number
