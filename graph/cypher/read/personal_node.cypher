// parameters: {"id": "a", "today": "2026-01-01"}
// The person, and what is kept under their id without a relation: of keys, sessions and a calendar's address only that
// they are there. `hidden`: the restricted communities that they are not in.
MATCH (p:Person {id: $id})
OPTIONAL MATCH (d:DigestPreferences {id: $id})
RETURN properties(p) AS person, properties(d) AS digest,
       head(COLLECT { MATCH (a:Account {id: $id}) RETURN a.role }) AS role,
       EXISTS { (:CalendarAddress {id: $id}) } AS calendar_address,
       COLLECT { MATCH (k:ApiKey {person_id: $id}) RETURN k {.id, .role, .note, .created_at, .revoked_at} } AS api_keys,
       COUNT { (:Session {person_id: $id}) } AS sessions,
       COUNT { ()-[:DISMISSED]->(p) } AS noted_by_others,
       COLLECT {
         MATCH (c:Community {visibility: 'restricted'})
         WHERE NOT EXISTS { (p)-[m:MEMBER_OF]->(c) WHERE m.left_on IS NULL OR m.left_on > $today }
           AND NOT EXISTS { (p)-[:SPONSORS]->(c) }
         RETURN c.id
       } AS hidden
