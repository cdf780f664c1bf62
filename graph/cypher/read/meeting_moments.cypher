// parameters: {"today": "2026-01-01"}
// When the meetings on record of each community began, as it was given, with the zone of wall times; what lies ahead, was
// called off or is known to the day alone is left out. Collected, as one row each takes many times as long.
MATCH (m:Meeting)-[:OF]->(c:Community)
WHERE m.starts_at CONTAINS 'T' AND left(m.starts_at, 10) <= $today AND coalesce(m.state, '') <> 'cancelled'
WITH c, collect([m.starts_at, coalesce(m.timezone, c.timezone)]) AS moments
RETURN c.id AS community_id, moments
ORDER BY community_id
