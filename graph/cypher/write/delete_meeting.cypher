// parameters: {"ids": ["a"]}
UNWIND $ids AS id
MATCH (n:Meeting {id: id})
DETACH DELETE n
