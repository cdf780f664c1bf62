// parameters: {"name": "m"}
// Tells whoever holds vectors of the model in use that they changed.
MATCH (m:Meta {id: 'model', name: $name})
SET m.generation = coalesce(m.generation, 0) + 1
