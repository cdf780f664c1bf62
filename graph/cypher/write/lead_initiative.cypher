// parameters: {"ids": ["a"], "begins": "b", "ends": "c"}
// Leads what people proposed from one community to another; what is elsewhere by now stays there.
UNWIND $ids AS id
MATCH (n:Initiative {id: id})-[r:TO]->(:Community {id: $begins}), (c:Community {id: $ends})
CREATE (n)-[m:TO]->(c)
SET m = properties(r)
DELETE r
RETURN id
