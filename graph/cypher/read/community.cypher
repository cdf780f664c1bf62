// parameters: {"id": "a", "viewer_id": null, "sees_restricted": false, "external": false, "today": "2026-01-01"}
// One community as the viewer may see it, with what hangs on it. Somebody from outside the organisation sees those that
// they are in, or are invited to, and nothing that leads on to others. Who sponsors one, is asked to, or proposed it,
// need be no member.
// What the viewer has to do with it is counted before it is asked for: a WHERE that says OR of several EXISTS takes the
// database three times as long to plan, seconds where it has just come up.
MATCH (c:Community {id: $id})
WITH c,
  COUNT { MATCH (:Person {id: $viewer_id})-[s:MEMBER_OF]->(c) WHERE s.left_on IS NULL OR s.left_on > $today } AS spells,
  COUNT { MATCH (:Person {id: $viewer_id})-[s:SPONSORS|ASKED_TO_SPONSOR]->(c)
          WHERE type(s) = 'SPONSORS' OR s.state = 'asked' } AS sponsorships,
  COUNT { (:Person {id: $viewer_id})-[:TOOK]->(:FormationStep {step: 'propose'})-[:STEP_OF]->(c) } AS proposed,
  COUNT { (:Person {id: $viewer_id})-[:INVITED_TO {state: 'accepted'}]->(c) } AS invitations
WHERE (NOT $external AND (coalesce(c.visibility, 'open') <> 'restricted' OR $sees_restricted))
  OR spells + sponsorships + proposed > 0
  OR ($external AND c.externals_allowed AND invitations > 0)
RETURN properties(c) AS community,
  COLLECT { MATCH (c)-[:COVERS]->(s:Skill) RETURN [s.id, s.name] ORDER BY s.id } AS skills,
  COLLECT { MATCH (c)-[:SERVES]->(g:Goal) RETURN g.id ORDER BY g.id } AS goals,
  COLLECT { MATCH (c)-[:SUCCEEDED_BY]->(n:Community)
            WHERE (NOT $external AND (coalesce(n.visibility, 'open') <> 'restricted' OR $sees_restricted))
              OR EXISTS { MATCH (:Person {id: $viewer_id})-[s:MEMBER_OF]->(n)
                          WHERE s.left_on IS NULL OR s.left_on > $today }
            RETURN n.id ORDER BY n.id } AS successors,
  COLLECT { MATCH (c)-[:PART_OF]->(n:Community)
            WHERE (NOT $external AND (coalesce(n.visibility, 'open') <> 'restricted' OR $sees_restricted))
              OR EXISTS { MATCH (:Person {id: $viewer_id})-[s:MEMBER_OF]->(n)
                          WHERE s.left_on IS NULL OR s.left_on > $today }
            RETURN n.id } AS whole,
  COUNT { MATCH (p:Person)-[m:MEMBER_OF]->(c)
          WHERE (m.left_on IS NULL OR m.left_on > $today) AND (p.left_on IS NULL OR p.left_on > $today)
          RETURN DISTINCT p } AS members
