// parameters: {"ids": ["a"]}
UNWIND $ids AS id
MATCH ()-[r:MEMBER_OF {id: id}]->()
RETURN r.id AS id, properties(r) AS stored
