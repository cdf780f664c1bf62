// parameters: {}
MATCH (n)
WHERE NOT n:Migration AND NOT (n:Meta AND n.id = 'restoring')
RETURN count(n) AS number
