// parameters: {"community_id": "a"}
// The steps by which a community came to be, the oldest first. Who took one may have been erased since.
MATCH (s:FormationStep)-[:STEP_OF]->(:Community {id: $community_id})
OPTIONAL MATCH (p:Person)-[:TOOK]->(s)
RETURN s.id AS id, s.step AS step, s.begins AS begins, s.ends AS ends, s.at AS at, s.reason AS reason,
  s.exception AS exception, p.id AS person_id, coalesce(p.name, p.id) AS name
ORDER BY at, id
