// parameters: {"skills": ["a"], "limit": 10}
// The people who hold one of the skills, the highest levels first.
MATCH (p:Person)-[h:HAS_SKILL]->(s:Skill)
WHERE s.id IN $skills AND h.dropped IS NULL
RETURN p.id AS id, max(coalesce(h.level, 0)) AS level
ORDER BY level DESC, id
LIMIT $limit
