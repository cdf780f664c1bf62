// parameters: {}
// Never with their hashes: these are for nobody to see.
MATCH (k:ApiKey)
RETURN k.id AS id, k.role AS role, k.person_id AS person_id, k.note AS note, k.created_at AS created_at,
       k.expires_at AS expires_at, k.revoked_at AS revoked_at, coalesce(k.reads_only, false) AS reads_only,
       coalesce(k.provisions, false) AS provisions
ORDER BY created_at, id
