// parameters: {"id": "overlap/1", "kept": {"kind": "overlap", "version": 1}}
// The calibration that is in force from now on; those before it stay on record.
MERGE (c:Calibration {id: $id})
SET c = $kept, c.id = $id, c.in_force = true
WITH c
MATCH (before:Calibration {kind: c.kind, in_force: true})
WHERE before.id <> c.id
SET before.in_force = false
