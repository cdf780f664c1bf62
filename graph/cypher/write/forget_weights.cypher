// parameters: {}
MATCH (m:Meta {id: 'weights'})
DELETE m
RETURN true AS forgotten
