// parameters: {"community_id": "a", "person_id": null}
// People from outside who were invited into a community: one of them, or all where it is null, in the order of ids.
MATCH (p:Person)-[i:INVITED_TO]->(c:Community {id: $community_id})
WHERE $person_id IS NULL OR p.id = $person_id
RETURN p.id AS person_id, coalesce(p.name, p.id) AS name, i.state AS state, i.by AS invited_by, i.reason AS reason,
  i.at AS at, i.note AS note, i.decided_at AS decided_at
ORDER BY person_id
