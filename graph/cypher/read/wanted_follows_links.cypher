// parameters: {"ids": ["a"]}
UNWIND $ids AS id
MATCH (n:Meeting {id: id})
RETURN n.id AS id, n.follows_id AS refs, [(n)-[:FOLLOWS]->(m:Meeting) | m.id] AS linked
