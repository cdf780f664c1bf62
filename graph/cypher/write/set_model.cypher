// parameters: {"name": "m", "property": "vector_m", "dimension": 3}
MERGE (m:Meta {id: 'model'})
SET m.name = $name, m.property = $property, m.dimension = $dimension
