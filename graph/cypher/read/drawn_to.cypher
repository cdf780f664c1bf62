// parameters: {"skill_ids": ["a"], "words": ["databases"]}
// Who of those that are still known is drawn to each of the skills, by wanting to learn it, and to each of the words (in
// small letters), by naming it among their interests. What a person dropped by hand they do not want.
UNWIND $skill_ids AS id
MATCH (s:Skill {id: id})<-[w:WANTS_TO_LEARN]-(p:Person)
WHERE w.dropped IS NULL
RETURN s.id AS skill_id, s.name AS name, collect(p.id) AS person_ids
ORDER BY skill_id
UNION ALL
UNWIND $words AS word
MATCH (p:Person)
WHERE any(one IN p.interests WHERE toLower(one) = word)
RETURN null AS skill_id, word AS name, collect(p.id) AS person_ids
ORDER BY name
