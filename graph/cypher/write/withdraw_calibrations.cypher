// parameters: {"kind": "overlap"}
MATCH (c:Calibration {kind: $kind, in_force: true})
SET c.in_force = false
RETURN c.id AS id
