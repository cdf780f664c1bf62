// parameters: {"person_id": null, "today": "2026-01-01"}
// Who is still here, with what they chose for their digest; `person_id` null: everybody, in the order of ids. `roles`
// are those that they were given, and those of their keys that are in force.
CALL () {
  WITH $person_id AS id WHERE id IS NULL
  MATCH (p:Person)
  RETURN p
  UNION ALL
  MATCH (p:Person {id: $person_id})
  RETURN p
}
WITH p WHERE p.left_on IS NULL OR p.left_on > $today
RETURN p.id AS id, coalesce(p.name, p.id) AS name, p.email AS email,
  head(COLLECT { MATCH (d:DigestPreferences {id: p.id}) RETURN d {.frequency, .parts, .paused_until} }) AS chosen,
  head(COLLECT { MATCH (d:DigestPreferences {id: p.id}) RETURN d.sent_on }) AS sent_on,
  COLLECT {
    MATCH (k:ApiKey {person_id: p.id})
    WHERE k.revoked_at IS NULL AND k.set_aside IS NULL AND (k.expires_at IS NULL OR k.expires_at > $today)
    RETURN k.role AS role
    UNION
    MATCH (a:Account {id: p.id})
    RETURN a.role AS role
  } AS roles
ORDER BY id
