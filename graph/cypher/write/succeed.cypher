// parameters: {"id": "a", "successor_id": "b", "source": "by-hand"}
MATCH (c:Community {id: $id}), (n:Community {id: $successor_id})
MERGE (c)-[r:SUCCEEDED_BY]->(n)
SET r.source = $source
RETURN n.id AS id
