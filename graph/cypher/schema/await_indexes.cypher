// parameters: {"seconds": 30}
CALL db.awaitIndexes($seconds)
