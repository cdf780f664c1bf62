// parameters: {"person_id": "a", "community_id": "b", "today": "2026-01-01"}
// Whether somebody is from outside the organisation and not in that community.
MATCH (p:Person {id: $person_id})
RETURN coalesce(p.external, false) AND NOT EXISTS {
  MATCH (p)-[s:MEMBER_OF]->(:Community {id: $community_id}) WHERE s.left_on IS NULL OR s.left_on > $today
} AS outside
