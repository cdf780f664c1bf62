// parameters: {"person_id": "a"}
MATCH (a:Account {id: $person_id})
WITH a, a.id AS id
DELETE a
RETURN id
