// parameters: {"keys": ["5:a:1"]}
UNWIND $keys AS key
MATCH ()-[r]->() WHERE elementId(r) = key
DELETE r
