// parameters: {}
MATCH (n)
WHERE NOT n:Event AND NOT n:IngestRun AND NOT n:Migration AND NOT n:Meta
  AND NOT n:ApiKey AND NOT n:IdempotencyKey AND NOT n:Finding AND NOT n:Remedy AND NOT n:Calibration
  AND NOT n:PowerReport AND NOT n:CalendarAddress AND NOT n:Session AND NOT n:Account
  AND NOT n:Provisioned AND NOT n:United
  AND NOT n:Suppression AND NOT n:Erasure AND NOT n:PrivilegedAct
RETURN labels(n) AS labels, properties(n) AS properties
