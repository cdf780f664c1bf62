// parameters: {"query": "search_name:ann", "limit": 10, "near": [{"property": "vector_m", "index": "vector_m_skill", "vector": [1.0, 0.0, 0.0]}], "nearest": 3}
// needs: write/create_vector_index
CALL () {
  CALL db.index.fulltext.queryNodes('skill_text', $query, {limit: $limit}) YIELD node
  RETURN node AS s, 0.0 AS cosine
  UNION ALL
  UNWIND $near AS near
  // Another model may have come into use, and the index be gone.
  MATCH (:Meta {id: 'model', property: near.property})
  CALL db.index.vector.queryNodes(near.index, $nearest, near.vector) YIELD node, score
  RETURN node AS s, 2 * score - 1 AS cosine
}
WITH s, max(cosine) AS cosine
RETURN collect([s.id, cosine]) AS found
