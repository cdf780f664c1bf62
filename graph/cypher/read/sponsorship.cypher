// parameters: {"community_id": "a", "today": "2026-01-01"}
// Who sponsors a community, and who was asked to and has not accepted.
MATCH (c:Community {id: $community_id})
MATCH (p:Person)-[r:SPONSORS|ASKED_TO_SPONSOR]->(c)
RETURN p.id AS person_id, coalesce(p.name, p.id) AS name,
  CASE type(r) WHEN 'SPONSORS' THEN 'sponsors' ELSE r.state END AS state,
  CASE type(r) WHEN 'SPONSORS' THEN r.since ELSE r.at END AS since, r.reason AS reason,
  coalesce(p.left_on <= $today, false) AS left,
  COLLECT { MATCH (p)-[m:MEMBER_OF]->(c) WHERE m.left_on IS NULL OR m.left_on > $today
            RETURN [m.engagement, m.role] ORDER BY m.id } AS spells
ORDER BY state DESC, person_id
