// parameters: {}
MATCH (p:Person)
WHERE p.left_on IS NOT NULL
RETURN p.id AS id, p.left_on AS left_on
ORDER BY id
