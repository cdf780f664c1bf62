// parameters: {"ids": ["a"]}
UNWIND $ids AS id
MATCH ()-[r:MEMBER_OF {id: id}]->()
DELETE r
