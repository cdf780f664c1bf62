// parameters: {"rows": [{"id": "a", "targets": ["Budget"], "source": "s"}]}
// An agenda item belongs to its meeting's community: the same title there is the same item, so that it carries over.
UNWIND $rows AS row
MATCH (n:Meeting {id: row.id})
OPTIONAL MATCH (n)-[old:DISCUSSED]->(o:AgendaItem) WHERE NOT o.title IN row.targets
DELETE old
WITH DISTINCT n, row
UNWIND row.targets AS target
MERGE (t:AgendaItem {id: coalesce(n.community_id, n.id) + '/' + target})
ON CREATE SET t.title = target, t.state = 'open', t.sources = [row.source]
MERGE (n)-[r:DISCUSSED]->(t)
ON CREATE SET r.source = row.source
