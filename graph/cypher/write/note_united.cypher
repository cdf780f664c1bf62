// parameters: {"id": "u", "person_id": "a", "set": {"gone_id": "b"}}
MATCH (p:Person {id: $person_id})
CREATE (u:United {id: $id})-[:UNITED_INTO]->(p)
SET u += $set
