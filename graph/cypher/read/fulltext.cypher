// parameters: {"index": "person_text", "query": "search_name:ann", "limit": 10}
CALL db.index.fulltext.queryNodes($index, $query, {limit: $limit}) YIELD node, score
RETURN node.id AS id
ORDER BY score DESC, id
