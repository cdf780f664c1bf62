// parameters: {"keys": ["4:a:1"]}
// What texts nodes hold, without their vectors.
UNWIND $keys AS key
MATCH (n) WHERE elementId(n) = key
RETURN key, labels(n)[0] AS label, [name IN keys(n) WHERE n[name] IS :: STRING OR n[name] IS :: LIST<STRING NOT NULL>
  | [name, n[name]]] AS texts
