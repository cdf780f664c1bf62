// parameters: {"ids": ["a"]}
// With what they chose for their digest.
UNWIND $ids AS id
MATCH (n:Person {id: id})
OPTIONAL MATCH (d:DigestPreferences {id: id})
DETACH DELETE d, n
