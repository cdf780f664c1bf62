// parameters: {"person_id": "b", "community_id": "a"}
MATCH (:Person {id: $person_id})-[i:INTERESTED_IN]->(c:Community {id: $community_id})
DELETE i
RETURN c.id AS id
