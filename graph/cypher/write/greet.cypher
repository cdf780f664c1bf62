// parameters: {"greeter_id": "g", "newcomer_id": "n", "spell": "n/c/2026", "on": "2026-01-01"}
// The spell of the newcomer, not the community, is kept: it moves along where communities are merged.
MATCH (g:Person {id: $greeter_id}), (n:Person {id: $newcomer_id})
WHERE NOT EXISTS { MATCH (g)-[r:GREETED]->(n) WHERE r.spell = $spell }
CREATE (g)-[:GREETED {spell: $spell, on: $on, source: 'by-hand'}]->(n)
RETURN n.id AS id
