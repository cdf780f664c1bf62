// parameters: {"person_id": "a", "community_id": "b"}
// All spells of one person in one community, the latest first.
MATCH (:Person {id: $person_id})-[m:MEMBER_OF]->(:Community {id: $community_id})
RETURN m.id AS id, m.engagement AS engagement, m.role AS role, m.joined_on AS joined_on, m.left_on AS left_on,
       coalesce(m.history, []) AS history
ORDER BY coalesce(m.left_on, '9999') DESC, coalesce(m.joined_on, '') DESC, id
