// parameters: {"person_id": "a", "before": null, "on": "2026-01-01"}
// Notes a digest as sent on a day, if since it was read nobody else has: one row then, none otherwise. It is locked
// before it is compared.
MATCH (p:Person {id: $person_id})
MERGE (d:DigestPreferences {id: p.id})
SET d.locked_on = $on
WITH d WHERE coalesce(d.sent_on, '') = coalesce($before, '')
SET d.sent_on = $on
RETURN d.id AS id
