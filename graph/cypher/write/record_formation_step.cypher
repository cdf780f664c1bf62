// parameters: {"id": "s", "community_id": "a", "person_id": null, "step": "start", "begins": "proposed", "ends": "forming", "at": "2026-01-01T00:00:00.000Z", "reason": null, "exception": null, "source": "by-hand"}
// `exception`: why it became active without a charter that its sponsor adopted. A step may be taken by nobody who is
// known.
MATCH (c:Community {id: $community_id})
OPTIONAL MATCH (p:Person {id: $person_id})
CREATE (s:FormationStep {id: $id, step: $step, begins: $begins, ends: $ends, at: $at, reason: $reason,
                         exception: $exception, source: $source})
CREATE (s)-[:STEP_OF {source: $source}]->(c)
FOREACH (one IN CASE WHEN p IS NULL THEN [] ELSE [p] END | CREATE (one)-[:TOOK {source: $source}]->(s))
RETURN s.id AS id
