// parameters: {"ids": ["s/b"]}
UNWIND $ids AS id
MATCH (a:Alias {id: id})
DETACH DELETE a
