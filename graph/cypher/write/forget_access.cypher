// parameters: {"person_ids": ["a"]}
// Everything that is kept under a person's id and hangs on nothing.
MATCH (n:ApiKey|Session WHERE n.person_id IN $person_ids)
DELETE n
UNION
MATCH (n:Account|CalendarAddress|DigestPreferences WHERE n.id IN $person_ids)
DELETE n
