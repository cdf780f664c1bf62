// parameters: {"community_id": "a"}
// What went on in one community, as a draft of its charter may speak of it: questions that are not private with what
// came of the advice on them, days of meetings with how many came, and what was taken up on agendas, how often.
MATCH (c:Community {id: $community_id})
RETURN
  COLLECT {
    MATCH (q:Question)-[:IN]->(c)
    WHERE NOT coalesce(q.private, false)
    RETURN [q.id, coalesce(q.title, ''), coalesce(q.text, ''),
            COLLECT { MATCH (a:Advice)-[:ANSWERS]->(q) RETURN coalesce(a.outcome, '') ORDER BY a.id }]
    ORDER BY q.id
  } AS questions,
  COLLECT {
    MATCH (m:Meeting)-[:OF]->(c)
    RETURN [left(coalesce(m.starts_at, ''), 10), COUNT { (:Person)-[:ATTENDED]->(m) }
      + coalesce(m.erased_attendees, 0) + coalesce(m.erased_guests, 0)] ORDER BY m.starts_at, m.id
  } AS meetings,
  COLLECT {
    MATCH (m:Meeting)-[:OF]->(c)
    MATCH (m)-[:DISCUSSED]->(i:AgendaItem)
    WITH i, count(DISTINCT m) AS times
    RETURN [i.id, coalesce(i.title, ''), coalesce(i.state, 'open'), times] ORDER BY times DESC, i.id
  } AS agenda
