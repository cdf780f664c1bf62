// parameters: {"version": "0000_example", "checksum": "c", "breaking": false}
MERGE (m:Migration {version: $version})
ON CREATE SET m.checksum = $checksum, m.breaking = $breaking, m.applied_at = datetime()
