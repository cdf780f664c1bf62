// parameters: {"person_id": "a"}
MATCH (a:CalendarAddress {id: $person_id})
DELETE a
RETURN count(*) AS dropped
