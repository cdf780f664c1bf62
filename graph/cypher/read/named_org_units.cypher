// parameters: {"name": "research"}
// Units whose name is this one but for case and spaces around it.
MATCH (n:OrgUnit)
WHERE toLower(trim(n.name)) = $name
RETURN n.id AS id
ORDER BY id
LIMIT 2
