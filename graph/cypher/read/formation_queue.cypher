// parameters: {"today": "2026-01-01"}
// What is proposed or forming, what has waited longest first; what was proposed nobody knows when comes before all.
MATCH (c:Community)
WHERE c.status IN ['proposed', 'forming']
CALL (c) {
  OPTIONAL MATCH (s:FormationStep {step: 'propose'})-[:STEP_OF]->(c)
  WITH s ORDER BY s.at DESC LIMIT 1
  OPTIONAL MATCH (p:Person)-[:TOOK]->(s)
  RETURN s.at AS proposed_at, p.id AS proposer_id, coalesce(p.name, p.id) AS proposer
}
CALL (c) {
  OPTIONAL MATCH (s:FormationStep)-[:STEP_OF]->(c)
  WITH s ORDER BY s.at DESC, s.id LIMIT 1
  RETURN s.step = 'ask' AS asked
}
RETURN c.id AS id, coalesce(c.name, c.id) AS name, c.status AS status,
  coalesce(proposed_at, c.founded_on) AS proposed_at, proposer_id, proposer, coalesce(asked, false) AS asked,
  COUNT { MATCH (p:Person)-[:INTERESTED_IN]->(c) WHERE p.left_on IS NULL OR p.left_on > $today } AS interested
ORDER BY coalesce(proposed_at, ''), id
