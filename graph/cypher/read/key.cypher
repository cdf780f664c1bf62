// parameters: {"id": "k"}
MATCH (k:ApiKey {id: $id})
WHERE k.revoked_at IS NULL
RETURN k.hash AS hash, k.role AS role, k.person_id AS person_id,
  EXISTS { (:Person {id: k.person_id, external: true}) } AS external
