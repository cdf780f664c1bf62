// parameters: {"community_id": "a"}
// What sources say of a community's charter now, and every version that was kept, with what people said to each.
MATCH (c:Community {id: $community_id})
RETURN head(COLLECT { MATCH (c)-[:HAS_CHARTER]->(n:Charter) RETURN properties(n) ORDER BY n.id }) AS imported,
  COLLECT {
    MATCH (c)-[:HAS_VERSION]->(v:CharterVersion)
    RETURN {
      stored: properties(v),
      goals: COLLECT { MATCH (v)-[r:NAMES_GOAL]->(g:Goal) RETURN [g.id, coalesce(g.name, g.id)] ORDER BY r.place },
      took_part: COLLECT { MATCH (p:Person)-[r:TOOK_PART_IN]->(v)
                           RETURN [p.id, coalesce(p.name, p.id)] ORDER BY r.place },
      author: head(COLLECT { MATCH (p:Person)-[:WROTE]->(v) RETURN [p.id, coalesce(p.name, p.id)] ORDER BY p.id }),
      adopter: head(COLLECT { MATCH (p:Person)-[:ADOPTED]->(v) RETURN [p.id, coalesce(p.name, p.id)] ORDER BY p.id }),
      behind: COLLECT { MATCH (p:Person)-[r:STANDS_BEHIND]->(v)
                        RETURN [p.id, coalesce(p.name, p.id), r.at] ORDER BY r.at, p.id },
      objections: COLLECT {
        MATCH (o:Objection)-[:AGAINST]->(v)
        RETURN {
          stored: properties(o),
          by: head(COLLECT { MATCH (p:Person)-[:RAISED]->(o) RETURN [p.id, coalesce(p.name, p.id)] ORDER BY p.id }),
          settler: head(COLLECT { MATCH (p:Person)-[:SETTLED]->(o) RETURN [p.id, coalesce(p.name, p.id)] ORDER BY p.id })
        } ORDER BY o.at, o.id
      },
      comments: COLLECT {
        MATCH (m:CharterComment)-[:ON]->(v)
        RETURN {
          stored: properties(m),
          by: head(COLLECT { MATCH (p:Person)-[:WROTE]->(m) RETURN [p.id, coalesce(p.name, p.id)] ORDER BY p.id })
        } ORDER BY m.at, m.id
      }
    } ORDER BY v.number
  } AS versions
