// parameters: {"ids": ["a"]}
UNWIND $ids AS id
MATCH (n:Charter {id: id})
DETACH DELETE n
