// parameters: {"kinds": ["User"], "skip": 0, "limit": 10}
MATCH (n:Provisioned)
WHERE n.kind IN $kinds AND n.deleted_at IS NULL AND n.created_at > ''
RETURN n.id AS id, n.kind AS kind
ORDER BY n.created_at, id
SKIP $skip LIMIT $limit
