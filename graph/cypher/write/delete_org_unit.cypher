// parameters: {"ids": ["a"]}
UNWIND $ids AS id
MATCH (n:OrgUnit {id: id})
DETACH DELETE n
