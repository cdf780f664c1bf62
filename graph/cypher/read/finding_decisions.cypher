// parameters: {"subject": "finding/f"}
// What was decided on a finding, the latest first. A rare read of the whole log: subjects are in no index.
MATCH (e:Event {action: 'decide.finding'})
WHERE $subject IN e.subjects
OPTIONAL MATCH (p:Person {id: CASE WHEN e.actor_id STARTS WITH 'person:' THEN substring(e.actor_id, 7) END})
RETURN e.at AS at, e.actor_id AS actor, p.name AS name, e.details AS details
ORDER BY e.seq DESC
