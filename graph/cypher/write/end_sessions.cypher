// parameters: {"person_id": "a"}
MATCH (s:Session {person_id: $person_id})
WITH collect(s) AS ended
FOREACH (s IN ended | DELETE s)
RETURN size(ended) AS ended
