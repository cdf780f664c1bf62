// parameters: {"id": "a", "today": "2026-02-01"}
// What a community has for somebody who is new: meetings that lie ahead, things made together, questions that wait for
// an answer, and who leads or is core.
MATCH (c:Community {id: $id})
RETURN coalesce(c.meetings, []) AS regular,
  COLLECT {
    MATCH (t:Meeting)-[:OF]->(c) WHERE left(t.starts_at, 10) >= $today
    RETURN {id: t.id, title: coalesce(t.title, ''), starts_at: t.starts_at} ORDER BY t.starts_at, t.id LIMIT 3
  } AS meetings,
  COLLECT {
    MATCH (a:Artifact)-[:MADE_BY]->(c)
    RETURN {id: a.id, title: coalesce(a.title, a.id)} ORDER BY a.id LIMIT 3
  } AS artefacts,
  COLLECT {
    MATCH (q:Question)-[:IN]->(c)
    WHERE NOT coalesce(q.private, false) AND NOT EXISTS { (:Advice)-[:ANSWERS]->(q) }
    RETURN {id: q.id, title: coalesce(q.title, ''), text: coalesce(q.text, ''), asked_at: coalesce(q.asked_at, '')}
    ORDER BY q.asked_at DESC, q.id LIMIT 50
  } AS questions,
  COLLECT {
    MATCH (p:Person)-[m:MEMBER_OF]->(c)
    WHERE (m.left_on IS NULL OR m.left_on > $today) AND (p.left_on IS NULL OR p.left_on > $today)
      AND coalesce(p.recommendable, true) AND (m.engagement = 'core' OR m.role IS NOT NULL)
    WITH p, m ORDER BY p.id, m.joined_on DESC, m.id
    WITH p, head(collect(m)) AS m
    RETURN {person_id: p.id, name: coalesce(p.name, p.id), engagement: m.engagement, role: m.role} ORDER BY p.id
  } AS people
