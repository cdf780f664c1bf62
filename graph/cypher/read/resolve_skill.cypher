// parameters: {"refs": ["a"], "keys": {"a": "a"}}
// By id, else by name where one skill alone has it.
UNWIND $refs AS ref
OPTIONAL MATCH (n:Skill {id: ref})
OPTIONAL MATCH (m:Skill {name_key: $keys[ref]})
WITH ref, n, collect(m) AS named
WITH ref, coalesce(n.id, CASE WHEN size(named) = 1 THEN named[0].id END) AS id
WHERE id IS NOT NULL
RETURN ref, id
