// parameters: {"ids": ["a"]}
MATCH (p:Person)
WHERE p.id IN $ids
// In one row: the driver is slow at many.
RETURN collect({
  id: p.id,
  name: coalesce(p.name, p.id),
  search_name: p.search_name,
  search_text: p.search_text,
  parts: [p.title, p.bio] + coalesce(p.interests, []),
  skills: [(p)-[h:HAS_SKILL]->(s:Skill) WHERE h.dropped IS NULL | [s.id, coalesce(s.name, s.id), s.search_name]],
  units: [(p)-[:WORKS_IN]->(:OrgUnit)-[:PART_OF*0..]->(u) | u.id],
  unit_names: [(p)-[:WORKS_IN]->(u:OrgUnit) | coalesce(u.name, u.id)]
}) AS found
