// parameters: {}
// Everybody, collected by unit into parallel lists: one row a unit is many times faster than one row a person.
MATCH (p:Person)
WITH p,
  head(COLLECT { MATCH (p)-[:WORKS_IN]->(u:OrgUnit) RETURN u ORDER BY u.id }) AS unit,
  coalesce(head(COLLECT { MATCH (p)-[:REPORTS_TO]->(m:Person) RETURN m.id ORDER BY m.id }), '') AS manager_id
ORDER BY p.id
RETURN unit.id AS unit_id, unit.name AS unit_name,
  collect(p.id) AS ids,
  collect(coalesce(p.name, p.id)) AS names,
  collect(manager_id) AS manager_ids,
  collect(coalesce(p.left_on, '')) AS left_on,
  collect(coalesce(p.recommendable, true)) AS recommendable,
  collect(coalesce(p.open_to_help, true)) AS open_to_help
