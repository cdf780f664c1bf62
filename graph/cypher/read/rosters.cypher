// parameters: {"ids": ["x"], "viewer_id": null, "sees_restricted": false}
// The spells of membership in some communities, collected by community into parallel lists: half a million of them come
// in a second or two so, and in most of a minute one by one. An absent value is '', since collect() leaves nulls out.
UNWIND $ids AS id
MATCH (c:Community {id: id})
WHERE coalesce(c.visibility, 'open') <> 'restricted' OR $sees_restricted
  OR EXISTS { MATCH (:Person {id: $viewer_id})-[s:MEMBER_OF]->(c) WHERE s.left_on IS NULL }
MATCH (p:Person)-[m:MEMBER_OF]->(c)
RETURN c.id AS community_id,
  collect(p.id) AS person_ids,
  collect(coalesce(m.joined_on, '')) AS joined_on,
  collect(coalesce(m.left_on, '')) AS left_on,
  collect(coalesce(m.engagement, '')) AS engagement,
  collect(coalesce(m.role, '')) AS role
ORDER BY community_id
