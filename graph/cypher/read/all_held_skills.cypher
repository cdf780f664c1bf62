// parameters: {}
// Who holds which skill, collected by skill; a level that is not known is 0.
MATCH (s:Skill)
MATCH (p:Person)-[h:HAS_SKILL]->(s)
RETURN s.id AS skill_id, s.name AS name, coalesce(s.alt_labels, []) AS alt_labels,
  collect(p.id) AS person_ids, collect(coalesce(h.level, 0)) AS levels
ORDER BY skill_id
