// parameters: {"ids": ["a"]}
UNWIND $ids AS id
MATCH (n:Skill {id: id})
RETURN n.id AS id, n.broader_ids AS refs, [(n)-[:BROADER]->(m:Skill) | m.id] AS linked
