// parameters: {"person_id": "a", "viewer_id": null, "sees_restricted": false, "property": "vector_m"}
// One person with all that matching asks of them. Memberships of restricted communities are seen by members only.
MATCH (p:Person {id: $person_id})
RETURN properties(p) AS person,
  head(COLLECT { MATCH (p)-[:WORKS_IN]->(u:OrgUnit) RETURN {id: u.id, name: u.name} ORDER BY u.id }) AS unit,
  head(COLLECT { MATCH (p)-[:REPORTS_TO]->(m:Person) RETURN m.id ORDER BY m.id }) AS manager_id,
  COLLECT {
    MATCH (p)-[h:HAS_SKILL]->(s:Skill) WHERE h.dropped IS NULL
    RETURN {skill_id: s.id, name: s.name, level: h.level, evidence: h.evidence} ORDER BY s.id
  } AS skills,
  COLLECT {
    MATCH (p)-[w:WANTS_TO_LEARN]->(s:Skill) WHERE w.dropped IS NULL
    RETURN {skill_id: s.id, name: s.name, vector: s[$property]} ORDER BY s.id
  } AS wanted,
  COLLECT {
    MATCH (p)-[m:MEMBER_OF]->(c:Community)
    WHERE coalesce(c.visibility, 'open') <> 'restricted' OR $sees_restricted OR $viewer_id = p.id
      OR EXISTS { MATCH (v:Person {id: $viewer_id})-[s:MEMBER_OF|SPONSORS|ASKED_TO_SPONSOR]->(c)
                  WHERE s.left_on IS NULL AND coalesce(s.state, 'asked') = 'asked' }
    RETURN {person_id: p.id, community_id: c.id, engagement: m.engagement, role: m.role,
            joined_on: m.joined_on, left_on: m.left_on}
    ORDER BY c.id, m.id
  } AS memberships,
  COLLECT {
    MATCH (p)-[d:DISMISSED]->(c:Community)
    RETURN {community_id: c.id, until: d.until, at: d.at} ORDER BY c.id
  } AS dismissals
