// parameters: {"actors": ["a", "key:k"], "subject": "person/a", "prefixes": ["membership/a/"]}
// What happened to a person, and what they did. A rare read of the whole log: subjects are in no index.
MATCH (e:Event)
WHERE e.actor_id IN $actors OR any(s IN e.subjects WHERE s = $subject OR any(p IN $prefixes WHERE s STARTS WITH p))
RETURN e.seq AS seq, e.at AS at, e.action AS action, e.actor_id IN $actors AS by_themselves,
       [s IN e.subjects WHERE s = $subject OR any(p IN $prefixes WHERE s STARTS WITH p)] AS subjects
ORDER BY seq
