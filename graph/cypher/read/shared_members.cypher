// parameters: {"community_id": "a", "least": 3, "today": "2026-01-01"}
// The other communities that have so many of a community's people too, with how many.
MATCH (c:Community {id: $community_id})<-[m:MEMBER_OF]-(p:Person)-[n:MEMBER_OF]->(o:Community)
WHERE o <> c AND (m.left_on IS NULL OR m.left_on > $today) AND (n.left_on IS NULL OR n.left_on > $today)
  AND (p.left_on IS NULL OR p.left_on > $today)
WITH o.id AS other, count(DISTINCT p) AS number
WHERE number >= $least
RETURN other, number
ORDER BY other
