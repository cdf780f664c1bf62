// parameters: {"ids": ["a"]}
UNWIND $ids AS id
MATCH ()-[r:WANTS_TO_LEARN {id: id}]->()
RETURN r.id AS id, r.sources AS sources, r.seen_in AS seen_in, r.hashes AS hashes
