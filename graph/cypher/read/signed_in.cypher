// parameters: {"id": "a", "email_key": null, "today": "2026-01-01"}
// Whom an identity stands for: by id, or by e-mail. `here`: they have not left.
CALL () {
  MATCH (p:Person {id: $id})
  RETURN p
  UNION
  MATCH (p:Person {email_key: $email_key})
  RETURN p
}
OPTIONAL MATCH (a:Account {id: p.id})
RETURN p.id AS person_id, p.left_on IS NULL OR p.left_on > $today AS here, coalesce(p.external, false) AS external,
  a.role AS given
ORDER BY person_id
