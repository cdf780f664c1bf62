// parameters: {"ids": ["a"]}
UNWIND $ids AS id
MATCH (n:Community {id: id})
DETACH DELETE n
