// parameters: {"after": "", "limit": 10, "source": "extracted"}
// What people write of themselves, with the skills of which others than `source` speak, or that they want: nothing need be
// read out of a text for these. Who has left is left out.
MATCH (p:Person)
WHERE p.id > $after
WITH p ORDER BY p.id LIMIT $limit
RETURN p.id AS id, CASE WHEN p.left_on IS NULL THEN [t IN [p.title, p.bio] WHERE t IS NOT NULL] ELSE [] END AS texts,
  COLLECT {
    MATCH (p)-[h:HAS_SKILL|WANTS_TO_LEARN]->(s:Skill)
    WHERE any(one IN h.sources WHERE one <> $source)
    RETURN DISTINCT s.id
  } AS known
ORDER BY id
