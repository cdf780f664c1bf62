// parameters: {"community_id": "a"}
// What meetings of a community come back to, with the meetings in which each was on the agenda, in their order.
MATCH (i:AgendaItem)-[:OF]->(c:Community {id: $community_id})
OPTIONAL MATCH (p:Person {id: i.owner_id})
RETURN i.id AS id, i.title AS title, i.state AS state, i.owner_id AS owner_id, p.name AS owner,
  COLLECT { MATCH (m:Meeting)-[d:DISCUSSED]->(i)
            RETURN [m.id, m.series_id, m.starts_at, coalesce(m.timezone, c.timezone), d.note, d.noted_at]
            ORDER BY m.starts_at, m.id } AS meetings
ORDER BY title, id
