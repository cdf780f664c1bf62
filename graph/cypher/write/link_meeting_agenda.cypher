// parameters: {"rows": [{"id": "a", "targets": ["Budget"], "source": "s"}]}
// An agenda item belongs to its meeting's community: the same title there is the same item, so that it carries over.
// Of what somebody wrote down the record stays, whatever a source says of the agenda afterwards.
UNWIND $rows AS row
MATCH (n:Meeting {id: row.id})
OPTIONAL MATCH (n)-[old:DISCUSSED]->(o:AgendaItem) WHERE NOT o.title IN row.targets AND old.noted_at IS NULL
DELETE old
WITH DISTINCT n, row
UNWIND row.targets AS target
MERGE (t:AgendaItem {id: coalesce(n.community_id, n.id) + '/' + target})
ON CREATE SET t.title = target
MERGE (n)-[r:DISCUSSED]->(t)
ON CREATE SET r.source = row.source
WITH n, t, row
MATCH (c:Community {id: n.community_id})
MERGE (t)-[of:OF]->(c)
ON CREATE SET of.source = row.source
