// parameters: {"ids": ["a"]}
UNWIND $ids AS id
MATCH (n:Question {id: id})
DETACH DELETE n
