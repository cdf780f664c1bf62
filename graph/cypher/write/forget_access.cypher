// parameters: {"person_ids": ["a"]}
// Everything that is kept under a person's id and hangs on nothing; what an identity provider said of them, and of whom
// they were called one with.
MATCH (n:ApiKey|Session WHERE n.person_id IN $person_ids)
DELETE n
UNION
MATCH (u:United)-[:UNITED_INTO]->(p:Person WHERE p.id IN $person_ids)
MATCH (k:ApiKey {set_aside: u.id})
DELETE k
UNION
MATCH (n:Account|CalendarAddress|DigestPreferences WHERE n.id IN $person_ids)
DELETE n
UNION
MATCH (n:Provisioned|United)-[:STANDS_FOR|UNITED_INTO]->(p:Person WHERE p.id IN $person_ids)
DETACH DELETE n
