// parameters: {"id": "a", "actors": ["a", "key:k"], "subject": "person/a", "prefixes": ["membership/a/"], "today": "2026-01-01"}
// What happened to a person, and what they did. A rare read of the whole log: subjects are in no index. Ids of
// restricted communities that they are not in are left out.
MATCH (p:Person {id: $id})
WITH COLLECT {
  MATCH (c:Community {visibility: 'restricted'})
  WHERE NOT EXISTS { (p)-[m:MEMBER_OF]->(c) WHERE m.left_on IS NULL OR m.left_on > $today }
    AND NOT EXISTS { (p)-[:SPONSORS]->(c) }
  RETURN c.id
} AS hidden
MATCH (e:Event)
WHERE e.actor_id IN $actors OR any(s IN e.subjects WHERE s = $subject OR any(p IN $prefixes WHERE s STARTS WITH p))
RETURN e.seq AS seq, e.at AS at, e.action AS action, e.actor_id IN $actors AS by_themselves, hidden,
       [s IN e.subjects WHERE s = $subject OR any(p IN $prefixes WHERE s STARTS WITH p)] AS subjects
ORDER BY seq
