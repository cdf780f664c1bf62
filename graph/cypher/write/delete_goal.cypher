// parameters: {"ids": ["a"]}
UNWIND $ids AS id
MATCH (n:Goal {id: id})
DETACH DELETE n
