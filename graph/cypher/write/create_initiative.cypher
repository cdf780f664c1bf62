// parameters: {"id": "i", "set": {"kind": "topic", "title": "T"}, "person_id": "p", "community_id": "a"}
MATCH (p:Person {id: $person_id}), (c:Community {id: $community_id})
CREATE (i:Initiative {id: $id})
SET i += $set
CREATE (p)-[:PROPOSED {source: 'by-hand'}]->(i), (i)-[:TO {source: 'by-hand'}]->(c)
RETURN i.id AS id
