// parameters: {}
MATCH (s:Suppression)
DELETE s
RETURN count(*) AS number
