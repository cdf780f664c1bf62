// parameters: {"ids": ["a"]}
UNWIND $ids AS id
MATCH ()-[r:HAS_SKILL {id: id}]->()
DELETE r
