// parameters: {}
// Every unit with its text and the unit above it, in the order of ids.
MATCH (u:OrgUnit)
RETURN u.id AS id, coalesce(u.name, u.id) AS name, coalesce(u.description, '') AS description,
  head(COLLECT { MATCH (u)-[:PART_OF]->(above:OrgUnit) RETURN above.id ORDER BY above.id }) AS parent_id
ORDER BY id
