// parameters: {"viewer_id": "a"}
// The restricted communities that the viewer is in: all that tells one member's catalogue from another's.
MATCH (:Person {id: $viewer_id})-[s:MEMBER_OF]->(c:Community {visibility: 'restricted'})
WHERE s.left_on IS NULL
RETURN DISTINCT c.id AS id
ORDER BY id
