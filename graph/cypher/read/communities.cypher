// parameters: {"ids": null, "viewer_id": null, "sees_restricted": false}
// The communities that the viewer may see, in the order of ids: those of `ids`, or all where it is null.
CALL () {
  WITH $ids AS ids WHERE ids IS NULL
  MATCH (c:Community)
  RETURN c
  UNION ALL
  UNWIND $ids AS id
  MATCH (c:Community {id: id})
  RETURN c
}
WITH c
WHERE coalesce(c.visibility, 'open') <> 'restricted' OR $sees_restricted
  OR EXISTS { MATCH (:Person {id: $viewer_id})-[s:MEMBER_OF]->(c) WHERE s.left_on IS NULL }
RETURN properties(c) AS community,
  COLLECT { MATCH (c)-[:COVERS]->(s:Skill) RETURN [s.id, s.name] ORDER BY s.id } AS skills,
  COLLECT { MATCH (g:GlossaryTerm {state: 'accepted'})-[:USED_IN]->(c)
            RETURN [g.term, coalesce(g.definition, '')] ORDER BY g.id } AS glossary
ORDER BY c.id
