// parameters: {"id": "u", "today": "2026-01-01"}
// One unit with the one above it and how many people work in it.
MATCH (u:OrgUnit {id: $id})
OPTIONAL MATCH (u)-[:PART_OF]->(above:OrgUnit)
RETURN u.id AS id, coalesce(u.name, u.id) AS name, coalesce(u.description, '') AS description,
  above.id AS parent_id, above.name AS parent,
  COUNT { (p:Person)-[:WORKS_IN]->(u) WHERE p.left_on IS NULL OR p.left_on > $today } AS people
