// parameters: {"ids": null}
// Who holds the skills of `ids` (null: any skill), collected by skill; a level that is not known is 0. What a person
// dropped by hand is not held.
CALL () {
  WITH $ids AS ids WHERE ids IS NULL
  MATCH (s:Skill)
  RETURN s
  UNION ALL
  UNWIND $ids AS id
  MATCH (s:Skill {id: id})
  RETURN s
}
MATCH (p:Person)-[h:HAS_SKILL]->(s)
WHERE h.dropped IS NULL
RETURN s.id AS skill_id, s.name AS name, coalesce(s.alt_labels, []) AS alt_labels,
  collect(p.id) AS person_ids, collect(coalesce(h.level, 0)) AS levels
ORDER BY skill_id
