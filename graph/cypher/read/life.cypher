// parameters: {"ids": null}
// What people of each community of `ids` (null: of all) did: questions that are not private, with the advice on them and
// what became of it; the days on which things were made together; who joined when, and whether anybody greeted them. An
// absent day or person is ''.
CALL () {
  WITH $ids AS ids WHERE ids IS NULL
  MATCH (c:Community)
  RETURN c
  UNION ALL
  UNWIND $ids AS id
  MATCH (c:Community {id: id})
  RETURN c
}
WITH c,
  COLLECT {
    MATCH (q:Question)-[:IN]->(c)
    WHERE NOT coalesce(q.private, false)
    RETURN [
      q.id, coalesce(q.asked_at, ''), coalesce(head(COLLECT { MATCH (p:Person)-[:ASKED]->(q) RETURN p.id }), ''),
      COLLECT {
        MATCH (a:Advice)-[:ANSWERS]->(q)
        WITH a, head(COLLECT { MATCH (p:Person)-[:GAVE]->(a) RETURN p }) AS p
        RETURN [coalesce(a.advised_at, ''), coalesce(p.id, ''), coalesce(p.external, false), a.outcome,
                a.followed_up_at, a.learned] ORDER BY a.id
      }
    ] ORDER BY q.id
  } AS questions,
  COLLECT { MATCH (a:Artifact)-[:MADE_BY]->(c) RETURN coalesce(a.made_on, '') } AS artefacts,
  COLLECT {
    MATCH (p:Person)-[m:MEMBER_OF]->(c)
    WHERE m.joined_on IS NOT NULL
    RETURN [m.joined_on, EXISTS { MATCH (:Person)-[g:GREETED]->(p) WHERE g.spell = m.id }]
  } AS joined
WHERE size(questions) + size(artefacts) + size(joined) > 0
RETURN c.id AS community_id, questions, artefacts, joined
ORDER BY community_id
