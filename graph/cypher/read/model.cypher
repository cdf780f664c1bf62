// parameters: {}
MATCH (m:Meta {id: 'model'})
RETURN m.name AS name, m.property AS property, m.dimension AS dimension, coalesce(m.generation, 0) AS generation
