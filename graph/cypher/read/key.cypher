// parameters: {"id": "k", "now": "2026-01-01T00:00:00.000Z", "today": "2026-01-01"}
// A key that is in force. One that acts for somebody opens nothing once they have left, are not there any more, or
// were united with another.
MATCH (k:ApiKey {id: $id})
WHERE k.revoked_at IS NULL AND k.set_aside IS NULL AND (k.expires_at IS NULL OR k.expires_at > $now)
OPTIONAL MATCH (p:Person {id: k.person_id})
WITH k, p
WHERE k.person_id IS NULL OR (p IS NOT NULL AND (p.left_on IS NULL OR p.left_on > $today))
RETURN k.hash AS hash, k.role AS role, k.person_id AS person_id, coalesce(k.reads_only, false) AS reads_only,
  coalesce(k.provisions, false) AS provisions,
  coalesce(p.external, false) AS external
