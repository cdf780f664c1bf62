// All that was generated once more, beside itself: the same people, communities, memberships and questions under ids of
// their own (`$mark` behind them), with the skills that all share. For organisations that are too large to be imported in
// the time that a benchmark has. Nothing leads from one copy to another but skills.
MATCH (n:OrgUnit|Community|Person|Question|Advice) WHERE n.id =~ '[a-z][0-9].*' AND NOT n.id CONTAINS '~'
CALL (n) {
  CREATE (m:$(labels(n))) SET m = properties(n), m.id = n.id + $mark
  CREATE (n)-[:COPIED]->(m)
} IN TRANSACTIONS OF 5000 ROWS;

MATCH (n:OrgUnit|Community|Person|Question|Advice)-[:COPIED]->(m)
CALL (n, m) {
  MATCH (n)-[r]->(other) WHERE other:Skill OR EXISTS { (other)-[:COPIED]->() }
  OPTIONAL MATCH (other)-[:COPIED]->(copy)
  WITH m, r, coalesce(copy, other) AS other
  CREATE (m)-[s:$(type(r))]->(other) SET s = properties(r), s.id = r.id + $mark
} IN TRANSACTIONS OF 2000 ROWS;

MATCH ()-[r:COPIED]->()
CALL (r) { DELETE r } IN TRANSACTIONS OF 10000 ROWS;
