// parameters: {"source": "s", "run": "r", "after": "", "limit": 10}
MATCH (n:Artifact)
WHERE n.id > $after
  AND any(i IN range(0, size(n.sources) - 1) WHERE n.sources[i] = $source AND n.seen_in[i] <> $run)
RETURN n.id AS id, properties(n) AS stored,
       count { (n)-[r]-() WHERE any(s IN coalesce(r.sources, [r.source]) WHERE s <> $source) } AS held_by_others
ORDER BY id
LIMIT $limit
