// All that was generated, some times more beside itself: the same people, communities, memberships and questions under ids of
// their own (one of `$marks` behind them), with the skills that all share. For organisations that are too large to be
// imported in the time that a benchmark has. Nothing leads from one copy to another but skills. What was made by the same
// statement, with the same `$sign`, is not copied again.
MATCH (n:OrgUnit|Community|Person|Question|Advice) WHERE n.id =~ '[a-z][0-9].*' AND NOT n.id CONTAINS $sign
CALL (n) {
  UNWIND $marks AS mark
  CREATE (m:$(labels(n))) SET m = n {.*, id: n.id + mark}
  CREATE (n)-[:COPIED {mark: mark}]->(m)
} IN TRANSACTIONS OF 500 ROWS;

MATCH (n:OrgUnit|Community|Person|Question|Advice)-[k:COPIED]->(m)
CALL (n, k, m) {
  MATCH (n)-[r]->(other:Skill)
  CREATE (m)-[s:$(type(r))]->(other) SET s = r {.*, id: r.id + k.mark}
} IN TRANSACTIONS OF 2000 ROWS;

MATCH (n:OrgUnit|Community|Person|Question|Advice)-[k:COPIED]->(m)
CALL (n, k, m) {
  MATCH (n)-[r]->(:OrgUnit|Community|Person|Question|Advice)-[l:COPIED]->(other) WHERE l.mark = k.mark
  CREATE (m)-[s:$(type(r))]->(other) SET s = r {.*, id: r.id + k.mark}
} IN TRANSACTIONS OF 2000 ROWS;

MATCH ()-[r:COPIED]->()
CALL (r) { DELETE r } IN TRANSACTIONS OF 10000 ROWS;
