// parameters: {"kinds": ["User"]}
MATCH (n:Provisioned)
WHERE n.kind IN $kinds AND n.deleted_at IS NULL
RETURN count(n) AS number
