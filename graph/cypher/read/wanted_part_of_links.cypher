// parameters: {"ids": ["a"]}
UNWIND $ids AS id
MATCH (n:Community {id: id})
RETURN n.id AS id, n.part_of_id AS refs, [(n)-[:PART_OF]->(m:Community) | m.id] AS linked
