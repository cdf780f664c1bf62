// parameters: {}
// Which skills are narrower than which, by one step.
MATCH (s:Skill)-[:BROADER]->(b:Skill)
RETURN s.id AS skill_id, collect(b.id) AS broader_ids
ORDER BY skill_id
