// parameters: {}
OPTIONAL MATCH (m:Meta {id: 'revision'})
RETURN coalesce(m.value, 0) AS revision
