// parameters: {"id": "a", "hidden": ["b"]}
// Everything that touches a person, but for what others noted of them for their own eyes. With each thing, whether it is
// of a community that is `hidden` from the person.
MATCH (p:Person {id: $id})-[r]-(n)
WHERE NOT (type(r) = 'DISMISSED' AND endNode(r) = p)
WITH p, r, n, COLLECT {
  MATCH (n)-[*0..1]-(c:Community)
  WHERE NOT (n:Person OR n:Skill OR n:OrgUnit OR n:Goal)
  RETURN c
  UNION
  MATCH (n)--(m)--(c:Community)
  WHERE (n:Advice OR n:HelpRequest OR n:CharterComment OR n:Objection) AND (m:Question OR m:CharterVersion)
  RETURN c
} AS communities
RETURN type(r) AS relation, startNode(r) = p AS outgoing, properties(r) AS properties, labels(n)[0] AS kind,
       n.id AS id, coalesce(n.name, n.title) AS name, properties(n) AS record,
       any(c IN communities WHERE c.id IN $hidden) AS hidden
ORDER BY relation, outgoing DESC, kind, id
