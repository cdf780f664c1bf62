// parameters: {}
MATCH (s:Suppression)
RETURN s.id AS mark, s.erasure AS erasure, s.at AS at, s.lifted_at AS lifted_at
ORDER BY mark
