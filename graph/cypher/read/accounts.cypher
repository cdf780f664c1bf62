// parameters: {}
MATCH (a:Account)
OPTIONAL MATCH (p:Person {id: a.id})
RETURN a.id AS person_id, coalesce(p.name, a.id) AS name, a.role AS role, a.given_at AS given_at
ORDER BY person_id
