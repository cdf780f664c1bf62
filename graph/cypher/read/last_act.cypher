// parameters: {"action": "settings"}
MATCH (a:PrivilegedAct {action: $action})
RETURN a.details AS details
ORDER BY a.seq DESC
LIMIT 1
