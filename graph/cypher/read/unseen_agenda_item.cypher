// parameters: {"source": "s", "run": "r", "after": "", "limit": 10}
MATCH (n:AgendaItem)
WHERE n.id > $after
  // An item of which only agendas told has no sources of its own.
  AND any(i IN range(0, size(coalesce(n.sources, [])) - 1) WHERE n.sources[i] = $source AND n.seen_in[i] <> $run)
RETURN n.id AS id, properties(n) AS stored,
       // What is on record of a meeting keeps it too, whoever told of that.
       count { (n)-[r]-() WHERE type(r) = 'DISCUSSED' OR any(s IN coalesce(r.sources, [r.source]) WHERE s <> $source) }
         AS held_by_others
ORDER BY id
LIMIT $limit
