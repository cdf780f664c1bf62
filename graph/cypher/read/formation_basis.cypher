// parameters: {"community_id": "a", "today": "2026-01-01"}
// What a community may begin on: who sponsors it and is still there, and whether its charter was adopted.
MATCH (c:Community {id: $community_id})
RETURN
  COLLECT { MATCH (p:Person)-[:SPONSORS]->(c) WHERE p.left_on IS NULL OR p.left_on > $today
            RETURN p.id ORDER BY p.id } AS sponsors,
  EXISTS { MATCH (c)-[:HAS_CHARTER]->(h:Charter) WHERE left(h.adopted_on, 10) <= $today }
    OR EXISTS { (c)-[:HAS_VERSION]->(:CharterVersion {state: 'adopted'}) } AS adopted
