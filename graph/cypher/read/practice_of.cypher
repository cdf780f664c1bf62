// parameters: {"community_id": "a", "today": "2026-01-01"}
// Questions of a community that are not private, with the advice on them; and how many people who are in it today each
// other community has too.
MATCH (c:Community {id: $community_id})
RETURN
  COLLECT { MATCH (q:Question)-[:IN]->(c) WHERE NOT coalesce(q.private, false)
            RETURN {id: q.id, asked_at: coalesce(q.asked_at, ''),
              advice: COLLECT { MATCH (p:Person)-[:GAVE]->(a:Advice)-[:ANSWERS]->(q)
                                RETURN [p.id, coalesce(p.external, false), coalesce(a.advised_at, ''), a.outcome,
                                        a.followed_up_at, a.learned] ORDER BY a.id } } ORDER BY q.id } AS questions,
  COLLECT { MATCH (c)<-[m:MEMBER_OF]-(p:Person)-[n:MEMBER_OF]->(o:Community)
            WHERE o <> c AND (m.left_on IS NULL OR m.left_on > $today) AND (n.left_on IS NULL OR n.left_on > $today)
              AND (p.left_on IS NULL OR p.left_on > $today)
            WITH o.id AS other, count(DISTINCT p) AS number
            RETURN [other, number] ORDER BY other } AS shared
