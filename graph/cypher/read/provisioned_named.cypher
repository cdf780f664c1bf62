// parameters: {"kind": "User", "name_key": "ada@x.example", "external_id": null}
// By the name that the provider gave, or its own id; those that it deleted too, as it may bring them back.
CALL () {
  MATCH (n:Provisioned {name_key: $name_key})
  RETURN n
  UNION
  MATCH (n:Provisioned {external_id: $external_id})
  RETURN n
}
WITH n WHERE n.kind = $kind
OPTIONAL MATCH (n)-[:STANDS_FOR]->(p:Person)
RETURN n.id AS id, n.name_key AS name_key, n.deleted_at AS deleted_at, n.thing_id AS thing_id, p.id AS person_id
ORDER BY id
