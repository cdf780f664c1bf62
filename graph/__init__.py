"""What is known: domain models, Cypher, the embedded Neo4j, reads and writes. Knows nothing of matching."""
