// parameters: {"kind": "overlap"}
// What was learned from decisions on findings of a kind, the latest first.
MATCH (c:Calibration {kind: $kind})
RETURN properties(c) AS kept
ORDER BY c.version DESC
