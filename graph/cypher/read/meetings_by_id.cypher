// parameters: {"ids": ["a"], "near": ["2026-01-01"]}
// Meetings by id, with the series that each is of, and those of a series that it has on a day in `near`.
MATCH (x:Meeting)
WHERE x.id IN $ids
UNWIND [x] + COLLECT { MATCH (x)-[:IN_SERIES]->(s:Meeting) RETURN s }
  + COLLECT { MATCH (o:Meeting)-[:IN_SERIES]->(x) WHERE left(o.recurs_at, 10) IN $near RETURN o } AS m
WITH DISTINCT m
MATCH (c:Community)<-[:OF]-(m)
RETURN properties(m) AS meeting, c.id AS community_id, coalesce(c.name, c.id) AS community, c.timezone AS zone,
  COLLECT { MATCH (f:Meeting)-[:FOLLOWS]->(m) WHERE f.starts_at IS NOT NULL RETURN coalesce(f.recurs_at, f.starts_at) }
    AS followed_at,
  COLLECT { MATCH (p:Person)-[a:ATTENDED]->(m)
            RETURN [p.id, coalesce(p.name, p.id), a.guest, coalesce(p.external, false)] ORDER BY p.id } AS came,
  COLLECT { MATCH (m)-[d:DISCUSSED]->(i:AgendaItem)
            RETURN [i.title, i.state, i.owner_id, d.note, d.noted_at] ORDER BY i.title } AS agenda
ORDER BY m.id
