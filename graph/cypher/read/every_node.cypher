// parameters: {}
// Without what Neo4j's own schema says, and without the mark of a restore that is going on.
MATCH (n)
WHERE NOT n:Migration AND NOT (n:Meta AND n.id = 'restoring')
RETURN elementId(n) AS key, labels(n) AS labels, properties(n) AS properties
