// parameters: {"id": "a", "since": "2026-01-01", "today": "2026-02-01", "person_id": null}
// Who joined a community since a day (or one member, whenever they joined), with what they met there: greetings, the
// first meeting that they came to, the first answer to a question of theirs, buddies.
MATCH (p:Person)-[m:MEMBER_OF]->(c:Community {id: $id})
WHERE ($person_id IS NULL AND m.joined_on >= $since OR p.id = $person_id)
  AND (m.left_on IS NULL OR m.left_on > $today) AND (p.left_on IS NULL OR p.left_on > $today)
WITH p, c, m ORDER BY p.id, m.joined_on DESC, m.id
WITH p, c, head(collect(m)) AS m
RETURN p.id AS person_id, coalesce(p.name, p.id) AS name, m.engagement AS engagement, m.joined_on AS joined_on,
  m.id AS spell,
  COLLECT {
    MATCH (g:Person)-[r:GREETED]->(p) WHERE r.spell = m.id
    RETURN {person_id: g.id, name: coalesce(g.name, g.id), on: r.on} ORDER BY r.on, g.id
  } AS greetings,
  head(COLLECT {
    MATCH (p)-[:ATTENDED]->(t:Meeting)-[:OF]->(c)
    WHERE left(t.starts_at, 10) >= coalesce(m.joined_on, '') AND left(t.starts_at, 10) <= $today
    RETURN left(t.starts_at, 10) AS day ORDER BY day LIMIT 1
  }) AS met_on,
  head(COLLECT {
    MATCH (p)-[:ASKED]->(q:Question)-[:IN]->(c), (a:Advice)-[:ANSWERS]->(q)
    WHERE a.advised_at >= coalesce(m.joined_on, '') AND a.advised_at <= $today AND NOT coalesce(q.private, false)
      AND NOT EXISTS { (p)-[:GAVE]->(a) }
    RETURN a.advised_at AS day ORDER BY day LIMIT 1
  }) AS answered_on,
  COLLECT {
    MATCH (b:Person)-[r:BUDDY_OF]->(p) WHERE r.spell = m.id
    RETURN {person_id: b.id, name: coalesce(b.name, b.id), state: r.state, newcomer_agrees: r.newcomer_agrees,
            buddy_agrees: r.buddy_agrees, since: r.since} ORDER BY b.id
  } AS buddies
ORDER BY m.joined_on, person_id
