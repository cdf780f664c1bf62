// parameters: {"id": "a", "inside": false, "before_at": null, "before_id": "", "limit": 50}
// What was asked in a community and is not private, the latest first, with who advised. Who is not inside reads what was
// answered, and that somebody advised, not what.
MATCH (q:Question)-[:IN]->(:Community {id: $id})
WHERE NOT coalesce(q.private, false) AND ($inside OR EXISTS { (q)<-[:ANSWERS]-(:Advice) })
WITH q, coalesce(q.asked_at, '0') AS at
WHERE $before_at IS NULL OR at < $before_at OR (at = $before_at AND q.id > $before_id)
WITH q, at ORDER BY at DESC, q.id LIMIT $limit
RETURN q.id AS id, coalesce(q.title, '') AS title, coalesce(q.text, '') AS text, at,
  head(COLLECT { MATCH (p:Person)-[:ASKED]->(q) RETURN {id: p.id, name: coalesce(p.name, p.id)} ORDER BY p.id }) AS asker,
  COLLECT {
    MATCH (h:Person)-[:GAVE]->(a:Advice)-[:ANSWERS]->(q)
    RETURN {helper: {id: h.id, name: coalesce(h.name, h.id)}, at: a.advised_at, outcome: a.outcome,
            text: CASE WHEN $inside THEN a.text END}
    ORDER BY coalesce(a.advised_at, ''), a.id
  } AS advice
ORDER BY at DESC, id
