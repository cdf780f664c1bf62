// parameters: {"ids": ["a"], "viewer_id": null, "today": "2026-01-01"}
// Who sat in meetings with each of these people: how many meetings, and the latest of them. Only meetings of communities
// that the viewer may see.
UNWIND $ids AS id
MATCH (:Person {id: id})-[:ATTENDED]->(m:Meeting)-[:OF]->(c:Community)
WHERE coalesce(c.visibility, 'open') <> 'restricted'
  OR EXISTS { MATCH (:Person {id: $viewer_id})-[s:MEMBER_OF]->(c) WHERE s.left_on IS NULL OR s.left_on > $today }
MATCH (p:Person)-[:ATTENDED]->(m)
WHERE p.id <> id
WITH id, p, m, c ORDER BY m.starts_at DESC, m.id
WITH id, p.id AS person_id, collect(DISTINCT {id: m.id, on: left(coalesce(m.starts_at, ''), 10), community: c.name}) AS met
RETURN id AS other_id, person_id, size(met) AS meetings, met[0].id AS latest_id, met[0].on AS latest_on,
  coalesce(met[0].community, '') AS community
ORDER BY other_id, person_id
