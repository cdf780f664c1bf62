// parameters: {"person_id": "a", "skill_id": "b"}
// How a person is bound to a skill already; the ids are those that the sources gave the relationships.
MATCH (p:Person {id: $person_id}), (s:Skill {id: $skill_id})
RETURN COLLECT { MATCH (p)-[h:HAS_SKILL]->(s) RETURN h.id ORDER BY h.id } AS held_skill,
       COLLECT { MATCH (p)-[w:WANTS_TO_LEARN]->(s) RETURN w.id ORDER BY w.id } AS wanted_skill
