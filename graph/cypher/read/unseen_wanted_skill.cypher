// parameters: {"source": "s", "run": "r", "after": "", "limit": 10}
MATCH ()-[r:WANTS_TO_LEARN]->()
WHERE r.id > $after
  AND any(i IN range(0, size(r.sources) - 1) WHERE r.sources[i] = $source AND r.seen_in[i] <> $run)
RETURN r.id AS id, properties(r) AS stored, 0 AS held_by_others
ORDER BY id
LIMIT $limit
