// parameters: {}
MATCH (m:Meta {id: 'weights'})
RETURN properties(m) AS kept
