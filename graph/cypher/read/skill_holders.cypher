// parameters: {"ids": ["x"]}
// Who holds some skills, collected by skill; a level that is not known is 0. What a person dropped by hand is not held.
UNWIND $ids AS id
MATCH (p:Person)-[h:HAS_SKILL]->(s:Skill {id: id})
WHERE h.dropped IS NULL
RETURN s.id AS skill_id, s.name AS name, coalesce(s.alt_labels, []) AS alt_labels,
  collect(p.id) AS person_ids, collect(coalesce(h.level, 0)) AS levels
ORDER BY skill_id
