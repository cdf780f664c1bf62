// parameters: {"person_id": "a"}
MATCH (:Person {id: $person_id})-[d:DISMISSED]->(h:Person)
RETURN h.id AS person_id, coalesce(h.name, h.id) AS name, d.reason AS reason, d.until AS until, d.at AS at
ORDER BY person_id
