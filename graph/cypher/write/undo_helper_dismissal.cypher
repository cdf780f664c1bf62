// parameters: {"person_id": "p", "helper_id": "h"}
MATCH (:Person {id: $person_id})-[d:DISMISSED]->(h:Person {id: $helper_id})
DELETE d
RETURN h.id AS id
