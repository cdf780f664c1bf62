// parameters: {"person_id": "p", "community_id": "c"}
MATCH (:Person {id: $person_id})-[d:DISMISSED]->(c:Community {id: $community_id})
DELETE d
RETURN c.id AS id
