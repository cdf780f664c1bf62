// parameters: {"refs": ["a"], "source": "s"}
// By id, else by name where one skill alone has it. `name_key` of the reference is made in Cypher as in Python for
// plain names; names with other letters are matched by id.
UNWIND $refs AS ref
OPTIONAL MATCH (n:Skill {id: ref})
OPTIONAL MATCH (m:Skill {name_key: toLower(trim(ref))})
WITH ref, n, collect(m) AS named
WITH ref, coalesce(n.id, CASE WHEN size(named) = 1 THEN named[0].id END) AS id
WHERE id IS NOT NULL
RETURN ref, id
