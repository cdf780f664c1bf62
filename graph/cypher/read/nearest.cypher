// parameters: {"index": "vector_m_person", "k": 3, "vector": [1.0, 0.0, 0.0]}
// needs: write/create_vector_index
CALL db.index.vector.queryNodes($index, $k, $vector) YIELD node, score
RETURN node.id AS id, 2 * score - 1 AS cosine
ORDER BY cosine DESC, id
