// parameters: {"ids": ["a"]}
UNWIND $ids AS id
MATCH (n:Community {id: id})
RETURN n.id AS id, n.successor_ids AS refs, [(n)-[:SUCCEEDED_BY]->(m:Community) | m.id] AS linked
