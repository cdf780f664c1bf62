// parameters: {"keys": ["a@b.example"]}
UNWIND $keys AS key
MATCH (p:Person {email_key: key})
RETURN key, p.id AS id, p.sources AS sources
ORDER BY id
