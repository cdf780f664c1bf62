// parameters: {"person_id": "a"}
// What decides whether somebody can be asked to sponsor a community.
MATCH (p:Person {id: $person_id})
RETURN coalesce(p.name, p.id) AS name, p.left_on AS left_on, coalesce(p.external, false) AS external
