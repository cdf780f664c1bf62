// parameters: {"id": "a/1", "person_id": "b"}
MATCH (:Person {id: $person_id})-[r:STANDS_BEHIND]->(:CharterVersion {id: $id})
DELETE r
RETURN count(*) AS number
