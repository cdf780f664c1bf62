// parameters: {"ids": ["a"]}
UNWIND $ids AS id
MATCH (n:Advice {id: id})
DETACH DELETE n
