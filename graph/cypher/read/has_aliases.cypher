// parameters: {"source": "s"}
RETURN EXISTS { MATCH (a:Alias) WHERE a.id STARTS WITH $source + '/' } AS aliased
