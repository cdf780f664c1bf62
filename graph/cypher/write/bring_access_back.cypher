// parameters: {"person_id": "a", "key": "u", "account": {"role": "admin"}, "calendar": null, "digest": null}
// What was set aside when a person went into another (`key`: that decision), but for keys that were revoked since.
MATCH (p:Person {id: $person_id})
CALL () {
  MATCH (k:ApiKey {set_aside: $key})
  REMOVE k.set_aside
}
FOREACH (one IN CASE WHEN $account IS NULL THEN [] ELSE [$account] END | MERGE (n:Account {id: $person_id}) SET n += one)
FOREACH (one IN CASE WHEN $calendar IS NULL THEN [] ELSE [$calendar] END |
  MERGE (n:CalendarAddress {id: $person_id}) SET n += one)
FOREACH (one IN CASE WHEN $digest IS NULL THEN [] ELSE [$digest] END |
  MERGE (n:DigestPreferences {id: $person_id}) SET n += one)
RETURN p.id AS id
