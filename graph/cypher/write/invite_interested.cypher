// parameters: {"community_id": "a", "at": "2026-01-01T00:00:00.000Z", "today": "2026-01-01"}
// Those who are interested and not members yet are asked to join.
MATCH (p:Person)-[i:INTERESTED_IN]->(c:Community {id: $community_id})
WHERE (p.left_on IS NULL OR p.left_on > $today)
  AND NOT EXISTS { MATCH (p)-[m:MEMBER_OF]->(c) WHERE m.left_on IS NULL OR m.left_on > $today }
SET i.invited_at = $at
RETURN p.id AS person_id
ORDER BY person_id
