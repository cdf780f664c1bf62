// parameters: {"community_id": "a", "person_id": null, "today": "2026-01-01"}
// Who is interested in a community and still there: one person, or all where it is null, in the order of ids.
MATCH (p:Person)-[i:INTERESTED_IN]->(c:Community {id: $community_id})
WHERE ($person_id IS NULL OR p.id = $person_id) AND (p.left_on IS NULL OR p.left_on > $today)
RETURN p.id AS person_id, coalesce(p.name, p.id) AS name, c.id AS community_id, c.name AS community,
  c.status AS status, i.level AS level, i.hours AS hours, coalesce(i.would_lead, false) AS would_lead,
  coalesce(i.join_when_active, false) AS join_when_active, i.note AS note, i.since AS since, i.invited_at AS invited_at,
  EXISTS { MATCH (p)-[m:MEMBER_OF]->(c) WHERE m.left_on IS NULL OR m.left_on > $today } AS member
ORDER BY person_id
