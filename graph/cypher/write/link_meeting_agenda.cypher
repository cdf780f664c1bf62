// parameters: {"rows": [{"id": "a", "targets": ["Budget"], "source": "s"}]}
// An agenda item belongs to its meeting's community: the same title there is the same item, so that it carries over; also
// one that came from another community, which was merged into it.
// Of what somebody wrote down the record stays, whatever a source says of the agenda afterwards.
UNWIND $rows AS row
MATCH (n:Meeting {id: row.id})
OPTIONAL MATCH (n)-[old:DISCUSSED]->(o:AgendaItem) WHERE NOT o.title IN row.targets AND old.noted_at IS NULL
DELETE old
WITH DISTINCT n, row
UNWIND row.targets AS target
WITH n, row, target, coalesce(n.community_id, n.id) + '/' + target AS key
WITH n, row, target, coalesce(
  head(COLLECT { MATCH (i:AgendaItem {id: key}) WHERE NOT EXISTS { (i)-[:OF]->(:Community) }
                   OR EXISTS { (i)-[:OF]->(:Community {id: n.community_id}) } RETURN i.id }),
  head(COLLECT { MATCH (n)-[:OF]->(:Community)<-[:OF]-(i:AgendaItem {title: target}) RETURN i.id ORDER BY i.id }),
  key) AS id
MERGE (t:AgendaItem {id: id})
ON CREATE SET t.title = target
MERGE (n)-[r:DISCUSSED]->(t)
ON CREATE SET r.source = row.source
WITH t, row, n
WHERE NOT EXISTS { (t)-[:OF]->(:Community) }
MATCH (c:Community {id: n.community_id})
MERGE (t)-[of:OF]->(c)
ON CREATE SET of.source = row.source
