// parameters: {"newcomer_id": "a", "buddy_id": "b", "spell": "a/c/2026"}
// What decides whether one person may accompany another: no row where one of them is not there.
MATCH (n:Person {id: $newcomer_id}), (b:Person {id: $buddy_id})
RETURN coalesce(b.name, b.id) AS name,
  EXISTS { MATCH ANY SHORTEST (n)-[:REPORTS_TO]->+(b) } OR EXISTS { MATCH ANY SHORTEST (b)-[:REPORTS_TO]->+(n) }
    AS in_line,
  head(COLLECT { MATCH (b)-[r:BUDDY_OF]->(n) WHERE r.spell = $spell RETURN r.state }) AS state,
  EXISTS { MATCH (o:Person)-[r:BUDDY_OF]->(n) WHERE r.spell = $spell AND r.state = 'agreed' AND o <> b } AS has_another
