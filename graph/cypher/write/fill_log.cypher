// parameters: {"filling": null}
// Nothing but length, to fill Neo4j's transaction log; null takes it away again.
MERGE (m:Meta {id: 'filling'})
SET m.filling = $filling
WITH m WHERE $filling IS NULL
DELETE m
