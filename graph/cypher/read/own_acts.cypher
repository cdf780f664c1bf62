// parameters: {"person_id": "a", "since": "2026-01-01", "today": "2026-02-01"}
// What one person declared and did in each community that they are in today, for their eyes alone.
MATCH (p:Person {id: $person_id})-[m:MEMBER_OF]->(c:Community)
WHERE m.left_on IS NULL OR m.left_on > $today
WITH p, c, m ORDER BY c.id, m.joined_on DESC, m.id
WITH p, c, head(collect(m)) AS m
RETURN c.id AS community_id, c.name AS name, m.engagement AS engagement, m.joined_on AS joined_on,
  coalesce(m.history, []) AS history,
  COUNT { MATCH (t:Meeting)-[:OF]->(c)
          WHERE left(t.starts_at, 10) >= $since AND left(t.starts_at, 10) >= coalesce(m.joined_on, '')
            AND left(t.starts_at, 10) <= $today } AS meetings,
  COUNT { MATCH (p)-[:ATTENDED]->(t:Meeting)-[:OF]->(c)
          WHERE left(t.starts_at, 10) >= $since AND left(t.starts_at, 10) >= coalesce(m.joined_on, '')
            AND left(t.starts_at, 10) <= $today } AS attended,
  COUNT { MATCH (p)-[:ASKED]->(q:Question)-[:IN]->(c) WHERE q.asked_at >= $since } AS questions,
  COUNT { MATCH (p)-[:GAVE]->(a:Advice)-[:ANSWERS]->(:Question)-[:IN]->(c) WHERE a.advised_at >= $since } AS advice
ORDER BY community_id
