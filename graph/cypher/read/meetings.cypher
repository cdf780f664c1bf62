// parameters: {"community_ids": ["a"], "since": "2026-01-01"}
// Series, and single meetings that begin, or were to begin, on a day from `since` on; each with who came and its agenda.
MATCH (c:Community)<-[:OF]-(m:Meeting)
WHERE c.id IN $community_ids
  AND (m.recurrence IS NOT NULL OR left(m.starts_at, 10) >= $since OR left(m.recurs_at, 10) >= $since)
RETURN properties(m) AS meeting, c.id AS community_id, coalesce(c.name, c.id) AS community, c.timezone AS zone,
  COLLECT { MATCH (f:Meeting)-[:FOLLOWS]->(m) WHERE f.starts_at IS NOT NULL RETURN coalesce(f.recurs_at, f.starts_at) }
    AS followed_at,
  COLLECT { MATCH (p:Person)-[a:ATTENDED]->(m)
            RETURN [p.id, coalesce(p.name, p.id), a.guest, coalesce(p.external, false)] ORDER BY p.id } AS came,
  COLLECT { MATCH (m)-[d:DISCUSSED]->(i:AgendaItem)
            RETURN [i.title, i.state, i.owner_id, d.note, d.noted_at] ORDER BY i.title } AS agenda
ORDER BY m.id
