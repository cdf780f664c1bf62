// parameters: {"ids": ["a"]}
UNWIND $ids AS id
MATCH (n:AgendaItem {id: id})
RETURN n.id AS id, n.sources AS sources, n.seen_in AS seen_in, n.hashes AS hashes
