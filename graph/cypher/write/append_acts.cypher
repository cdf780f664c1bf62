// parameters: {"rows": [{"seq": 1, "at": "2026-01-01T00:00:00.000Z", "actor": "local", "action": "create.key", "subject": null, "details": "{}", "before": "0", "hash": "1"}]}
MATCH (m:Meta {id: 'acts'})
UNWIND $rows AS row
CREATE (a:PrivilegedAct)
SET a = row
WITH m, row ORDER BY row.seq
WITH m, collect(row) AS rows
SET m.seq = rows[-1].seq, m.hash = rows[-1].hash
