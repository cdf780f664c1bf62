// parameters: {"source": "s", "run": "r", "after": "", "limit": 10}
MATCH ()-[r:MEMBER_OF]->()
WHERE r.id > $after
  AND any(i IN range(0, size(r.sources) - 1) WHERE r.sources[i] = $source AND r.seen_in[i] <> $run)
RETURN r.id AS id, properties(r) AS stored, 0 AS held_by_others
ORDER BY id
LIMIT $limit
