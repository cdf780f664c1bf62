// parameters: {"ids": ["b", "c"]}
// Pairs of these people of whom one advised the other on a question, each pair once, in the order of ids. Private
// questions are left out.
MATCH (a:Person)-[:ASKED]->(q:Question)<-[:ANSWERS]-(:Advice)<-[:GAVE]-(b:Person)
WHERE a.id IN $ids AND b.id IN $ids AND a.id <> b.id AND NOT coalesce(q.private, false)
WITH CASE WHEN a.id < b.id THEN [a.id, b.id] ELSE [b.id, a.id] END AS pair
RETURN DISTINCT pair[0] AS one, pair[1] AS other
ORDER BY one, other
