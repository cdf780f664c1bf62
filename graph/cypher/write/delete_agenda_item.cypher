// parameters: {"ids": ["a"]}
UNWIND $ids AS id
MATCH (n:AgendaItem {id: id})
DETACH DELETE n
