// parameters: {"person_ids": ["a"], "community_ids": ["b"], "today": "2026-01-01"}
// Who of the organisation has to do with people from outside, as far as these communities show it.
MATCH (x:Person)
WHERE x.id IN $person_ids
RETURN x.id AS id,
  COLLECT {
    MATCH (x)-[:GAVE]->(:Advice)-[:ANSWERS]->(q:Question)-[:IN]->(c:Community), (p:Person)-[:ASKED]->(q)
    WHERE c.id IN $community_ids AND NOT coalesce(q.private, false)
      AND NOT coalesce(p.external, false) AND (p.left_on IS NULL OR p.left_on > $today)
    RETURN DISTINCT [p.id, coalesce(p.name, p.id), 'advice', coalesce(q.title, left(q.text, 60))] AS tie
    ORDER BY tie[0], tie[3] LIMIT 20
  } + COLLECT {
    MATCH (x)-[:ATTENDED]->(m:Meeting)<-[:ATTENDED]-(p:Person), (m)-[:OF]->(c:Community)
    WHERE c.id IN $community_ids AND NOT coalesce(p.external, false) AND (p.left_on IS NULL OR p.left_on > $today)
    WITH p, c, count(DISTINCT m) AS times ORDER BY times DESC, p.id LIMIT 20
    RETURN [p.id, coalesce(p.name, p.id), 'met', coalesce(c.name, c.id)] AS tie
  } + COLLECT {
    MATCH (x)-[s:MEMBER_OF]->(c:Community)<-[t:MEMBER_OF]-(p:Person)
    WHERE c.id IN $community_ids AND (s.left_on IS NULL OR s.left_on > $today)
      AND (t.left_on IS NULL OR t.left_on > $today)
      AND NOT coalesce(p.external, false) AND (p.left_on IS NULL OR p.left_on > $today)
    WITH p, c, t ORDER BY t.engagement = 'core' DESC, p.id LIMIT 20
    RETURN [p.id, coalesce(p.name, p.id), 'community', coalesce(c.name, c.id)] AS tie
  } AS ties
ORDER BY id
