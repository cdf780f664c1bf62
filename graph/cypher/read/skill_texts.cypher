// parameters: {}
// What is known of each skill; `above`: the names of what is broader, up to two steps.
MATCH (s:Skill)
RETURN s.id AS id, s.name AS name, coalesce(s.alt_labels, []) AS alt_labels, s.description AS description,
       COLLECT { MATCH (s)-[:BROADER*1..2]->(b:Skill) RETURN DISTINCT b.name ORDER BY b.name } AS above
ORDER BY id
