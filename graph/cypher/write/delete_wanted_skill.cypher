// parameters: {"ids": ["a"]}
UNWIND $ids AS id
MATCH ()-[r:WANTS_TO_LEARN {id: id}]->()
DELETE r
