// parameters: {"person_id": "a", "today": "2026-02-01"}
// What decides whether and about what a person is asked: no row where there is none, or they left.
MATCH (p:Person {id: $person_id}) WHERE p.left_on IS NULL OR p.left_on > $today
RETURN p.pulsed_in AS last,
  COLLECT {
    MATCH (p)-[m:MEMBER_OF]->(c:Community)
    WHERE (m.left_on IS NULL OR m.left_on > $today) AND NOT coalesce(c.status, 'active') IN ['proposed', 'retired']
    WITH DISTINCT c
    RETURN {community_id: c.id, name: c.name,
            members: COUNT { MATCH (o:Person)-[s:MEMBER_OF]->(c)
                             WHERE (s.left_on IS NULL OR s.left_on > $today)
                               AND (o.left_on IS NULL OR o.left_on > $today) }}
    ORDER BY c.id
  } AS communities
