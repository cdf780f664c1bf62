// parameters: {"id": "a", "today": "2026-01-01", "limit": 10}
// How many are in a community today, by the level of their latest spell (`unstated` for none), and the first of them by
// name.
MATCH (p:Person)-[m:MEMBER_OF]->(:Community {id: $id})
WHERE (m.left_on IS NULL OR m.left_on > $today) AND (p.left_on IS NULL OR p.left_on > $today)
WITH p, m ORDER BY m.joined_on DESC, m.id
WITH p, head(collect(m)) AS m
WITH p, m ORDER BY toLower(coalesce(p.name, p.id)), p.id
WITH coalesce(m.engagement, 'unstated') AS level, collect({
  person_id: p.id, name: coalesce(p.name, p.id), engagement: m.engagement, role: m.role, joined_on: m.joined_on
}) AS people
RETURN level, people[..$limit] AS first, size(people) AS number
