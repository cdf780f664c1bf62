// parameters: {"ids": ["x"], "viewer_id": null, "sees_restricted": false}
// Those of some communities that the viewer may see, in the order of ids. With each what its charter tells: the version
// that people adopted, else what a source says is adopted, else the newest draft of people, else what a source says (as
// graph.reads.charters finds it).
UNWIND $ids AS id
MATCH (c:Community {id: id})
WHERE coalesce(c.visibility, 'open') <> 'restricted' OR $sees_restricted
  OR EXISTS { MATCH (:Person {id: $viewer_id})-[s:MEMBER_OF]->(c) WHERE s.left_on IS NULL }
WITH c, coalesce(
  head(COLLECT { MATCH (c)-[:HAS_VERSION]->(v:CharterVersion) WHERE v.state = 'adopted'
                 RETURN v ORDER BY v.number DESC }),
  head(COLLECT { MATCH (c)-[:HAS_CHARTER]->(v:Charter) WHERE v.adopted_on IS NOT NULL RETURN v ORDER BY v.id }),
  head(COLLECT { MATCH (c)-[:HAS_VERSION]->(v:CharterVersion) WHERE v.state = 'draft' AND v.source IS NULL
                 RETURN v ORDER BY v.number DESC }),
  head(COLLECT { MATCH (c)-[:HAS_CHARTER]->(v:Charter) RETURN v ORDER BY v.id })
) AS told
RETURN properties(c) AS community,
  COLLECT { MATCH (c)-[:COVERS]->(s:Skill) RETURN [s.id, s.name] ORDER BY s.id } AS skills,
  COLLECT { MATCH (g:GlossaryTerm {state: 'accepted'})-[:USED_IN]->(c)
            RETURN [g.term, coalesce(g.definition, '')] ORDER BY g.id } AS glossary,
  CASE WHEN c.visibility = 'restricted' THEN COLLECT {
    MATCH (p:Person)-[s:SPONSORS|ASKED_TO_SPONSOR]->(c)
    WHERE type(s) = 'SPONSORS' OR s.state = 'asked'
    RETURN p.id AS id
    UNION
    MATCH (p:Person)-[:TOOK]->(:FormationStep {step: 'propose'})-[:STEP_OF]->(c)
    RETURN p.id AS id
  } ELSE [] END AS insiders,
  told {.purpose, .vision, .value_proposition, .objectives} AS charter
ORDER BY c.id
