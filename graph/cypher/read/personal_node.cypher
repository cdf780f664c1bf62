// parameters: {"id": "a"}
// The person, and what is kept under their id without a relation. Of keys, sessions
// and a calendar's address only that they are there.
MATCH (p:Person {id: $id})
OPTIONAL MATCH (d:DigestPreferences {id: $id})
RETURN properties(p) AS person, properties(d) AS digest,
       EXISTS { (:CalendarAddress {id: $id}) } AS calendar_address,
       COLLECT { MATCH (k:ApiKey {person_id: $id}) RETURN k {.id, .role, .note, .created_at, .revoked_at} } AS api_keys,
       COUNT { (:Session {person_id: $id}) } AS sessions,
       COUNT { ()-[:DISMISSED]->(p) } AS noted_by_others
