// parameters: {"id": "a"}
// How much hangs on a community beside what follows from its own fields, and what was concluded or done about it.
MATCH (c:Community {id: $id})
RETURN COUNT {
  (c)-[r]-(n) WHERE NOT n:Finding AND NOT n:Remedy AND NOT type(r) IN ['COVERS', 'SERVES', 'DISMISSED']
} AS number
