// parameters: {"actor": "a", "action": "x", "subjects": ["s"], "at": "2026-01-01T00:00:00Z", "details": "{}"}
// The counter is locked before it is read, and held until commit: the order of events is the order of commits.
MERGE (m:Meta {id: 'revision'})
SET m.locked_by = $actor
WITH m
SET m.value = coalesce(m.value, 0) + 1
CREATE (e:Event {id: toString(m.value), seq: m.value, at: $at, actor_id: $actor, action: $action,
                 subjects: $subjects, details: $details})
RETURN m.value AS revision
