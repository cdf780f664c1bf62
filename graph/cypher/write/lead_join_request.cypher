// parameters: {"ids": ["a"], "begins": "b", "ends": "c"}
// Leads what people asked from one community to another; who waits there or is in it already needs no second one.
UNWIND $ids AS id
MATCH (p:Person)-[:ASKED_TO_JOIN]->(n:JoinRequest {id: id})-[r:TO]->(:Community {id: $begins}), (c:Community {id: $ends})
WHERE NOT EXISTS { (p)-[:ASKED_TO_JOIN]->(:JoinRequest {state: 'asked'})-[:TO]->(c) }
CREATE (n)-[m:TO]->(c)
SET m = properties(r)
DELETE r
RETURN id
