// parameters: {"id": "a", "today": "2026-01-01"}
// What a remedy for a community moves: spells of membership of every date, questions, meetings that lie ahead and the
// latest of each series, what it made, items that are not settled (`claimed`: somebody said how they stand), proposals
// and requests to join that nobody has decided on, and its sub-groups.
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
  COLLECT { MATCH (a:Artifact)-[:MADE_BY]->(c) RETURN a.id ORDER BY a.id } AS artifacts,
  COLLECT { MATCH (i:AgendaItem)-[:OF]->(c) WHERE coalesce(i.state, 'open') <> 'settled'
            RETURN {id: i.id, title: i.title, claimed: i.hashes IS NOT NULL} ORDER BY i.id } AS items,
  COLLECT { MATCH (i:Initiative {state: 'proposed'})-[:TO]->(c) RETURN i.id ORDER BY i.id } AS initiatives,
  COLLECT { MATCH (j:JoinRequest {state: 'asked'})-[:TO]->(c) RETURN j.id ORDER BY j.id } AS join_requests,
  COLLECT { MATCH (n:Community)-[:PART_OF]->(c) RETURN n.id ORDER BY n.id } AS parts
