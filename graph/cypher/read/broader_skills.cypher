// parameters: {"ids": null}
// Which skills are narrower than which, by one step: those of `ids`, or all where it is null.
CALL () {
  WITH $ids AS ids WHERE ids IS NULL
  MATCH (s:Skill)
  RETURN s
  UNION ALL
  UNWIND $ids AS id
  MATCH (s:Skill {id: id})
  RETURN s
}
MATCH (s)-[:BROADER]->(b:Skill)
WITH s, b ORDER BY b.id
RETURN s.id AS skill_id, collect(b.id) AS broader_ids
ORDER BY skill_id
