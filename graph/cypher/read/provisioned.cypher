// parameters: {"kind": "User", "ids": ["a"]}
// Users or groups as the identity provider sent them, by id; those that it deleted are not there any more.
UNWIND $ids AS id
MATCH (n:Provisioned {id: id, kind: $kind})
WHERE n.deleted_at IS NULL
RETURN properties(n) AS stored,
       COLLECT { MATCH (n)-[:CONTAINS]->(m:Provisioned) RETURN {id: m.id, kind: m.kind} ORDER BY m.id } AS members
