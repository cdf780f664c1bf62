// parameters: {"ids": ["a"]}
UNWIND $ids AS id
MATCH (n:AgendaItem {id: id})
RETURN n.id AS id, properties(n) AS stored
