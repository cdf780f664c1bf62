// parameters: {"ids": ["a"], "x": [0.5], "y": [1.5]}
MERGE (m:Meta {id: 'domain_map'})
SET m.ids = $ids, m.x = $x, m.y = $y
