// parameters: {}
MATCH (m:Meta {id: 'acts'})
RETURN m.seq AS seq, m.hash AS hash
