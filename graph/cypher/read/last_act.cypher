// parameters: {"action": "settings"}
MATCH (a:PrivilegedAct)
WHERE a.action = $action AND a.seq > 0
RETURN a.details AS details
ORDER BY a.seq DESC
LIMIT 1
