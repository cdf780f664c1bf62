// parameters: {"id": "r"}
// Later remedies, in force, that changed again what this one changed, or are about a community that it made.
MATCH (r:Remedy {id: $id})-[c:CHANGED]->(n)
MATCH (later:Remedy {state: 'done'})-[d:CHANGED|ABOUT]->(n)
WHERE later.at > r.at
  AND (c.field = '' OR (type(d) = 'CHANGED' AND d.kind = c.kind AND d.thing = c.thing AND d.field = c.field))
RETURN DISTINCT later.id AS id, later.remedy AS remedy, later.at AS at
ORDER BY at
