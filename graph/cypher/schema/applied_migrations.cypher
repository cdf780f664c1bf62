// parameters: {}
MATCH (m:Migration) RETURN m.version AS version, m.checksum AS checksum, m.breaking AS breaking ORDER BY version
