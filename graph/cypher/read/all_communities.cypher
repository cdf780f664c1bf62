// parameters: {"viewer_id": null, "sees_restricted": false}
// Every community that the viewer may see, in the order of ids.
MATCH (c:Community)
WHERE coalesce(c.visibility, 'open') <> 'restricted' OR $sees_restricted
  OR EXISTS { MATCH (:Person {id: $viewer_id})-[s:MEMBER_OF]->(c) WHERE s.left_on IS NULL }
RETURN properties(c) AS community,
  COLLECT { MATCH (c)-[:COVERS]->(s:Skill) RETURN [s.id, s.name] ORDER BY s.id } AS skills
ORDER BY c.id
