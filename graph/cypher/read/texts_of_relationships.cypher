// parameters: {"keys": ["5:a:1"]}
UNWIND $keys AS key
MATCH ()-[r]->() WHERE elementId(r) = key
RETURN key, [name IN keys(r) WHERE r[name] IS :: STRING OR r[name] IS :: LIST<STRING NOT NULL> | [name, r[name]]] AS texts
