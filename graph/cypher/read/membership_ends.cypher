// parameters: {"ids": ["a"]}
// The communities of those memberships that are there.
UNWIND $ids AS id
MATCH (:Person)-[m:MEMBER_OF {id: id}]->(c:Community)
RETURN id, c.id AS community_id
