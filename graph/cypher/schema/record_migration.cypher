// parameters: {"version": "0000_example", "checksum": "c"}
MERGE (m:Migration {version: $version})
ON CREATE SET m.checksum = $checksum, m.applied_at = datetime()
