// parameters: {"person_queries": ["search_name:ann"], "skill_queries": ["search_name:ann"], "limit": 10, "near": [{"property": "vector_m", "person_index": "vector_m_person", "skill_index": "vector_m_skill", "vector": [1.0, 0.0, 0.0]}], "nearest": 3, "today": "2026-01-01"}
// needs: write/create_vector_index
// Both in one message there and back. Of the queries there is one, or none where that kind is not asked for.
CALL () {
  CALL () {
    UNWIND $person_queries AS query
    CALL db.index.fulltext.queryNodes('person_text', query, {limit: $limit}) YIELD node
    RETURN node AS p, 0.0 AS cosine
    UNION ALL
    UNWIND CASE WHEN size($person_queries) > 0 THEN $near ELSE [] END AS near
    // Another model may have come into use, and the index be gone.
    MATCH (:Meta {id: 'model', property: near.property})
    CALL db.index.vector.queryNodes(near.person_index, $nearest, near.vector) YIELD node, score
    RETURN node AS p, 2 * score - 1 AS cosine
    UNION ALL
    // Who holds a skill of such a name, the highest levels first.
    UNWIND $person_queries AS query
    CALL db.index.fulltext.queryNodes('skill_text', query, {limit: $nearest}) YIELD node
    MATCH (p:Person)-[h:HAS_SKILL]->(node)
    WHERE h.dropped IS NULL
    WITH p, max(coalesce(h.level, 0)) AS level
    ORDER BY level DESC, p.id
    LIMIT $limit
    RETURN p, 0.0 AS cosine
  }
  // People who left are not found. A date known to the month or year is filled up to its last day.
  WITH p, max(cosine) AS cosine
  WHERE p.left_on IS NULL OR p.left_on + substring('9999-99-99', size(p.left_on)) >= $today
  RETURN collect([p.id, cosine]) AS people
}
CALL () {
  CALL () {
    UNWIND $skill_queries AS query
    CALL db.index.fulltext.queryNodes('skill_text', query, {limit: $limit}) YIELD node
    RETURN node AS s, 0.0 AS cosine
    UNION ALL
    UNWIND CASE WHEN size($skill_queries) > 0 THEN $near ELSE [] END AS near
    MATCH (:Meta {id: 'model', property: near.property})
    CALL db.index.vector.queryNodes(near.skill_index, $nearest, near.vector) YIELD node, score
    RETURN node AS s, 2 * score - 1 AS cosine
  }
  WITH s, max(cosine) AS cosine
  RETURN collect([s.id, cosine]) AS skills
}
RETURN people, skills
