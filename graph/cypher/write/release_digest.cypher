// parameters: {"person_id": "a", "before": null, "on": "2026-01-01"}
// It was not sent after all.
MATCH (d:DigestPreferences {id: $person_id})
WHERE d.sent_on = $on
SET d.sent_on = $before
