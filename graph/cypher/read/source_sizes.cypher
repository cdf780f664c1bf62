// parameters: {"source": "s"}
MATCH (n)
WHERE $source IN n.sources AND n.id IS NOT NULL
RETURN labels(n)[0] AS label, count(*) AS number
