// parameters: {"ids": ["a"]}
UNWIND $ids AS id
MATCH (s:Skill {id: id})
RETURN s.id AS id, s.name AS name, coalesce(s.alt_labels, []) + [s.description] AS parts,
       count { (s)<-[h:HAS_SKILL]-() WHERE h.dropped IS NULL } AS holders
