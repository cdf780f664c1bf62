// parameters: {"ids": ["a"], "today": "2026-01-01"}
// People who left are not found. A date known to the month or year is filled up to its last day.
UNWIND $ids AS id
MATCH (p:Person {id: id})
WHERE p.left_on IS NULL OR p.left_on + substring('9999-99-99', size(p.left_on)) >= $today
RETURN p.id AS id, p.name AS name, [p.title, p.bio] + coalesce(p.interests, []) AS parts,
       [(p)-[h:HAS_SKILL]->(s:Skill) WHERE h.dropped IS NULL | s.name] AS skills,
       [(p)-[h:HAS_SKILL]->(s:Skill) WHERE h.dropped IS NULL | s.id] AS skill_ids,
       [(p)-[:WORKS_IN]->(:OrgUnit)-[:PART_OF*0..]->(u) | u.id] AS units,
       [(p)-[:WORKS_IN]->(u:OrgUnit) | u.name] AS unit_names
