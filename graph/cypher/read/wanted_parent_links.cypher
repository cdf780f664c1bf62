// parameters: {"ids": ["a"]}
UNWIND $ids AS id
MATCH (n:OrgUnit {id: id})
RETURN n.id AS id, n.parent_id AS refs, [(n)-[:PART_OF]->(m:OrgUnit) | m.id] AS linked
