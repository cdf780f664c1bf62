// parameters: {"community_id": "a", "today": "2026-01-01"}
// What a community already does together. `held`: of each meeting its day, who came, guests, and how many of all these
// are from outside; `follows` counts those that go on from another; agenda items by state, and how many came up twice.
MATCH (c:Community {id: $community_id})
RETURN
  COLLECT { MATCH (m:Meeting)-[:OF]->(c) RETURN [left(coalesce(m.starts_at, ''), 10),
    COUNT { (:Person)-[:ATTENDED]->(m) }
      + coalesce(m.erased_attendees, 0) + coalesce(m.erased_guests, 0),
    COUNT { MATCH (:Person)-[a:ATTENDED]->(m) WHERE coalesce(a.guest, false) RETURN a } + coalesce(m.erased_guests, 0),
    COUNT { (:Person {external: true})-[:ATTENDED]->(m) }] } AS meetings,
  COUNT { MATCH (m:Meeting)-[:OF]->(c) WHERE m.recurrence IS NOT NULL RETURN m } AS recurring,
  COUNT { MATCH (m:Meeting)-[:OF]->(c) WHERE EXISTS { (m)-[:FOLLOWS]->(:Meeting) } RETURN m } AS follows,
  COLLECT { MATCH (m:Meeting)-[:OF]->(c) MATCH (m)-[:DISCUSSED]->(i:AgendaItem)
            WITH i, count(DISTINCT m) AS often
            RETURN [coalesce(i.state, 'open'), often] } AS items,
  COUNT { MATCH (a:Artifact)-[:MADE_BY]->(c) RETURN DISTINCT a } AS artifacts,
  COUNT { MATCH (a:Advice)-[:ANSWERS]->(q:Question)-[:IN]->(c) WHERE NOT coalesce(q.private, false)
          RETURN DISTINCT a } AS advice,
  COUNT { MATCH (a:Advice)-[:ANSWERS]->(q:Question)-[:IN]->(c)
          WHERE NOT coalesce(q.private, false) AND a.followed_up_at IS NOT NULL RETURN DISTINCT a } AS followed_up,
  COUNT { MATCH (:Person {external: true})-[:GAVE]->(a:Advice)-[:ANSWERS]->(q:Question)-[:IN]->(c)
          WHERE NOT coalesce(q.private, false) RETURN DISTINCT a } AS advice_from_outside,
  COLLECT { MATCH (p:Person)-[m:MEMBER_OF]->(c)
            WHERE (m.left_on IS NULL OR m.left_on > $today) AND (p.left_on IS NULL OR p.left_on > $today)
            RETURN DISTINCT p.id ORDER BY p.id } AS members,
  COLLECT { MATCH (p:Person {external: true})-[m:MEMBER_OF]->(c)
            WHERE (m.left_on IS NULL OR m.left_on > $today) AND (p.left_on IS NULL OR p.left_on > $today)
            RETURN DISTINCT p.id ORDER BY p.id } AS externals,
  COLLECT { MATCH (p:Person)-[:SPONSORS]->(c) WHERE p.left_on IS NULL OR p.left_on > $today
            RETURN p.id ORDER BY p.id } AS sponsors,
  COLLECT { MATCH (p:Person)-[m:MEMBER_OF]->(c)
            WHERE (m.left_on IS NULL OR m.left_on > $today) AND (p.left_on IS NULL OR p.left_on > $today)
            RETURN [p.id, m.engagement, m.role] } AS levels
