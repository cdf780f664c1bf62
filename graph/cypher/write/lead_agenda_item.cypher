// parameters: {"ids": ["a"], "begins": "b", "ends": "c"}
// Leads items that agendas name, and of which nobody said anything, from one community to another; what is elsewhere by
// now stays there.
UNWIND $ids AS id
MATCH (n:AgendaItem {id: id})-[r:OF]->(:Community {id: $begins}), (c:Community {id: $ends})
CREATE (n)-[m:OF]->(c)
SET m = properties(r)
DELETE r
RETURN id
