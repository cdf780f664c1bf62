// parameters: {"id": "a", "today": "2026-01-01"}
// What a remedy for a community moves: spells of membership of every date, questions, meetings that lie ahead and the
// latest of each series, and its sub-groups.
MATCH (c:Community {id: $id})
RETURN
  COLLECT { MATCH (p:Person)-[m:MEMBER_OF]->(c) RETURN {id: m.id, person_id: p.id, left_on: m.left_on} ORDER BY m.id }
    AS spells,
  COLLECT { MATCH (q:Question)-[:IN]->(c) RETURN q.id ORDER BY q.id } AS questions,
  COLLECT {
    MATCH (m:Meeting)-[:OF]->(c)
    WHERE left(m.starts_at, 10) >= $today
    RETURN m.id AS id
    UNION
    MATCH (m:Meeting)-[:OF]->(c)
    WHERE m.recurrence IS NOT NULL AND NOT EXISTS { (:Meeting)-[:FOLLOWS]->(m) }
    WITH m.title AS title, m.recurrence AS rhythm, m ORDER BY m.starts_at DESC, m.id
    WITH title, rhythm, head(collect(m.id)) AS id
    RETURN id
  } AS meetings,
  COLLECT { MATCH (n:Community)-[:PART_OF]->(c) RETURN n.id ORDER BY n.id } AS parts
