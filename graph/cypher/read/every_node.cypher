// parameters: {}
// Without what Neo4j's own schema says, the mark of a restore that is going on, and sessions: who was signed in then is
// not signed in by a restore.
MATCH (n)
WHERE NOT n:Migration AND NOT n:Session AND NOT (n:Meta AND n.id = 'restoring')
RETURN elementId(n) AS key, labels(n) AS labels, properties(n) AS properties
