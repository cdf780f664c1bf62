// parameters: {"kinds": ["User"], "ids": ["a"], "name_keys": ["ada@x.example"], "external_ids": ["e"], "phrases": ["\"ada@x.example\""]}
// Users or groups by what an index leads to: their own id, their name, the provider's id, or a text within what the
// provider said (then more are found than have it as what is asked for). Those that were deleted are not there any more.
CALL () {
  UNWIND $ids AS id
  MATCH (n:Provisioned {id: id})
  RETURN n
  UNION
  UNWIND $name_keys AS name_key
  MATCH (n:Provisioned {name_key: name_key})
  RETURN n
  UNION
  UNWIND $external_ids AS external_id
  MATCH (n:Provisioned {external_id: external_id})
  RETURN n
  UNION
  UNWIND $phrases AS phrase
  CALL db.index.fulltext.queryNodes('provisioned_text', phrase) YIELD node AS n
  RETURN n
}
WITH n WHERE n.kind IN $kinds AND n.deleted_at IS NULL
RETURN properties(n) AS stored,
       COLLECT { MATCH (n)-[:CONTAINS]->(m:Provisioned) RETURN {id: m.id, kind: m.kind} ORDER BY m.id } AS members
ORDER BY n.created_at, n.id
