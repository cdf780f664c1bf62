// parameters: {"name": "research"}
// Communities whose name is this one but for case and spaces around it.
MATCH (n:Community)
WHERE toLower(trim(n.name)) = $name
RETURN n.id AS id
ORDER BY id
LIMIT 2
