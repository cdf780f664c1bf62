// parameters: {"id": "r", "rows": [{"node": "a", "set": {"kind": "community", "thing": "a", "field": "status", "before": null, "after": "x"}}]}
// The record of a change hangs on what was changed: when that is erased, nothing tells of it any more.
MATCH (r:Remedy {id: $id})
UNWIND $rows AS row
MATCH (n:JoinRequest {id: row.node})
CREATE (r)-[c:CHANGED]->(n)
SET c = row.set
