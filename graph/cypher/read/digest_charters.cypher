// parameters: {"person_id": "a", "today": "2026-01-01"}
// Communities that a person was asked to sponsor, and those that they sponsor or are in with objections to a draft of
// the charter that are open; with the level and role of the person there.
CALL () {
  MATCH (:Person {id: $person_id})-[r:ASKED_TO_SPONSOR {state: 'asked'}]->(c:Community)
  RETURN c, 'sponsorship' AS what, r.at AS at, 1 AS number, null AS engagement, null AS role, false AS sponsors
  UNION ALL
  MATCH (p:Person {id: $person_id})-[s:MEMBER_OF]->(c:Community)
  WHERE s.left_on IS NULL OR s.left_on > $today
  MATCH (o:Objection {state: 'open'})-[:AGAINST]->(:CharterVersion {state: 'draft'})<-[:HAS_VERSION]-(c)
  RETURN c, 'objections' AS what, min(o.at) AS at, count(DISTINCT o) AS number, s.engagement AS engagement,
    s.role AS role, false AS sponsors
  UNION ALL
  MATCH (:Person {id: $person_id})-[:SPONSORS]->(c:Community)
  MATCH (o:Objection {state: 'open'})-[:AGAINST]->(:CharterVersion {state: 'draft'})<-[:HAS_VERSION]-(c)
  RETURN c, 'objections' AS what, min(o.at) AS at, count(DISTINCT o) AS number, null AS engagement, null AS role,
    true AS sponsors
}
WITH * WHERE coalesce(c.status, 'active') <> 'retired'
RETURN c.id AS community_id, coalesce(c.name, c.id) AS community, what, at, number, engagement, role, sponsors
ORDER BY at, community_id, what
