// parameters: {"ids": ["x"]}
// Some people in one row of parallel lists: that is many times faster than a row a person. An absent value is '', an
// absent capacity -1: collect() leaves out null, and the lists have to be parallel.
UNWIND $ids AS id
MATCH (p:Person {id: id})
WITH p,
  coalesce(head(COLLECT { MATCH (p)-[:WORKS_IN]->(u:OrgUnit) RETURN u.id ORDER BY u.id }), '') AS unit_id,
  coalesce(head(COLLECT { MATCH (p)-[:REPORTS_TO]->(m:Person) RETURN m.id ORDER BY m.id }), '') AS manager_id
RETURN
  collect(p.id) AS ids,
  collect(coalesce(p.name, p.id)) AS names,
  collect(unit_id) AS unit_ids,
  collect(manager_id) AS manager_ids,
  collect(coalesce(p.left_on, '')) AS left_on,
  collect(coalesce(p.recommendable, true)) AS recommendable,
  collect(coalesce(p.open_to_help, true)) AS open_to_help,
  collect(coalesce(p.help_capacity, -1)) AS help_capacities,
  collect(coalesce(p.help_paused_until, '')) AS help_paused_until,
  collect(coalesce(p.grade, '')) AS grades,
  collect(coalesce(p.timezone, '')) AS timezones,
  collect(coalesce(p.languages, [])) AS languages,
  collect(coalesce(p.external, false)) AS externals
