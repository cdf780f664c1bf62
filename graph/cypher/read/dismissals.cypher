// parameters: {"person_id": "a"}
MATCH (:Person {id: $person_id})-[d:DISMISSED]->(c:Community)
RETURN c.id AS community_id, c.name AS name, d.reason AS reason, d.until AS until, d.at AS at
ORDER BY community_id
