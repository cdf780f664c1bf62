// parameters: {"ids": ["a"]}
UNWIND $ids AS id
MATCH (n:Provisioned {id: id})
DETACH DELETE n
