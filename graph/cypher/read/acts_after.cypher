// parameters: {"after": 0, "limit": 10}
MATCH (a:PrivilegedAct)
WHERE a.seq > $after
RETURN a {.seq, .at, .actor, .action, .subject, .details, .before, .hash} AS act
ORDER BY a.seq
LIMIT $limit
