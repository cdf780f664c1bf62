// parameters: {"ids": ["a"]}
// Whose and which skills those held skills are, of those that are there.
UNWIND $ids AS id
MATCH (p:Person)-[h:HAS_SKILL {id: id}]->(s:Skill)
RETURN id, p.id AS person_id, s.id AS skill_id
