// parameters: {"id": "g", "added": [{"id": "a", "joined_on": null}], "removed": ["b"]}
MATCH (g:Provisioned {id: $id})
CALL (g) {
  UNWIND $added AS row
  MATCH (m:Provisioned {id: row.id})
  MERGE (g)-[r:CONTAINS]->(m)
  SET r.joined_on = row.joined_on
  RETURN count(*) AS added
}
CALL (g) {
  MATCH (g)-[r:CONTAINS]->(m:Provisioned)
  WHERE m.id IN $removed
  WITH r, m.id AS id, r.joined_on AS joined_on
  DELETE r
  RETURN collect({id: id, joined_on: joined_on}) AS removed
}
RETURN removed
