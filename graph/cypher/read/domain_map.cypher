// parameters: {}
MATCH (m:Meta {id: 'domain_map'})
RETURN m.ids AS ids, m.x AS x, m.y AS y
