// parameters: {"id": "a"}
// Every spell of membership in one community with the levels that were declared, and when the person left altogether.
MATCH (p:Person)-[m:MEMBER_OF]->(:Community {id: $id})
RETURN p.id AS person_id, m.engagement AS engagement, m.joined_on AS joined_on,
  CASE WHEN m.left_on IS NULL OR p.left_on < m.left_on THEN p.left_on ELSE m.left_on END AS left_on,
  coalesce(m.history, []) AS history
ORDER BY person_id, m.id
