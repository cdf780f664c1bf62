// parameters: {"rows": [{"id": "f", "set": {"kind": "overlap", "score": 0.9}, "communities": ["a", "b"], "units": ["u"], "named": ["c"], "people": ["p"]}]}
// What the audit found, with what it is about and whom it names in their order. Names of people are not in the
// evidence, so that somebody who is erased is named no more.
UNWIND $rows AS row
MERGE (f:Finding {id: row.id})
SET f += row.set
WITH f, row
CALL (f) { MATCH (f)-[old:ABOUT|NAMES]->() DELETE old }
CALL (f, row) { UNWIND row.communities AS id MATCH (c:Community {id: id}) CREATE (f)-[:ABOUT]->(c) }
CALL (f, row) { UNWIND row.units AS id MATCH (u:OrgUnit {id: id}) CREATE (f)-[:ABOUT]->(u) }
CALL (f, row) { UNWIND row.named AS id MATCH (c:Community {id: id}) CREATE (f)-[:NAMES]->(c) }
CALL (f, row) {
  UNWIND range(0, size(row.people) - 1) AS place
  MATCH (p:Person {id: row.people[place]})
  CREATE (f)-[:NAMES {place: place}]->(p)
}
RETURN count(f) AS number
