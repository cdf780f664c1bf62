// parameters: {}
// The names of the skills that have more than one.
MATCH (s:Skill)
WHERE size(coalesce(s.alt_labels, [])) > 0
RETURN s.id AS id, [coalesce(s.name, s.id)] + s.alt_labels AS labels
ORDER BY id
