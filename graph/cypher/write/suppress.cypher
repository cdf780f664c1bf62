// parameters: {"rows": [{"id": "hash", "erasure": "e", "at": "2026-01-01T00:00:00.000Z", "lifted_at": null}], "secret": "f"}
MERGE (m:Meta {id: 'suppression'})
SET m.secret = $secret
WITH m
UNWIND $rows AS row
MERGE (s:Suppression {id: row.id})
SET s.erasure = row.erasure, s.at = row.at, s.lifted_at = row.lifted_at
