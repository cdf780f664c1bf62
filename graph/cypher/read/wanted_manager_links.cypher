// parameters: {"ids": ["a"]}
UNWIND $ids AS id
MATCH (n:Person {id: id})
RETURN n.id AS id, n.manager_id AS refs, [(n)-[:REPORTS_TO]->(m:Person) | m.id] AS linked
