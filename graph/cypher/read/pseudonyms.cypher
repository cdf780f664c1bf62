// parameters: {}
MATCH (p:Person)
WHERE p.pseudonym IS NOT NULL
RETURN p.pseudonym AS pseudonym, p.id AS id
