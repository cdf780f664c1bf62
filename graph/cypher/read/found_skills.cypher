// parameters: {"ids": ["a"]}
MATCH (s:Skill)
WHERE s.id IN $ids
RETURN collect({
  id: s.id,
  name: coalesce(s.name, s.id),
  search_name: s.search_name,
  search_text: s.search_text,
  parts: coalesce(s.alt_labels, []) + [s.description],
  holders: count { (s)<-[h:HAS_SKILL]-() WHERE h.dropped IS NULL }
}) AS found
