// parameters: {"ids": ["a"]}
UNWIND $ids AS id
MATCH (n:Artifact {id: id})
DETACH DELETE n
