// parameters: {}
// Those that are under way.
MATCH (e:Erasure)
RETURN properties(e) AS erasure
ORDER BY e.at, e.id
