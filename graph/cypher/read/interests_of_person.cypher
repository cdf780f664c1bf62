// parameters: {"person_id": "b", "sees_restricted": false, "today": "2026-01-01"}
// What a person is interested in, of what they may see, in the order of ids.
MATCH (p:Person {id: $person_id})-[i:INTERESTED_IN]->(c:Community)
WHERE coalesce(c.visibility, 'open') <> 'restricted' OR $sees_restricted
  OR EXISTS { MATCH (p)-[s:MEMBER_OF]->(c) WHERE s.left_on IS NULL OR s.left_on > $today }
RETURN p.id AS person_id, coalesce(p.name, p.id) AS name, c.id AS community_id, c.name AS community,
  c.status AS status, i.level AS level, i.hours AS hours, coalesce(i.would_lead, false) AS would_lead,
  coalesce(i.join_when_active, false) AS join_when_active, i.note AS note, i.since AS since, i.invited_at AS invited_at,
  EXISTS { MATCH (p)-[m:MEMBER_OF]->(c) WHERE m.left_on IS NULL OR m.left_on > $today } AS member
ORDER BY community_id
