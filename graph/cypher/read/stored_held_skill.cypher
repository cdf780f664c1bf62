// parameters: {"ids": ["a"]}
UNWIND $ids AS id
MATCH ()-[r:HAS_SKILL {id: id}]->()
RETURN r.id AS id, properties(r) AS stored
