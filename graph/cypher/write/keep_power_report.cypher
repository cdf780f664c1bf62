// parameters: {"id": "a/2026-Q1", "community_id": "a", "quarter": "2026-Q1", "content": "{}"}
// Once made, a report stays as it is: whatever changes since, the same question gets the same answer.
MERGE (r:PowerReport {id: $id})
ON CREATE SET r.community_id = $community_id, r.quarter = $quarter, r.content = $content
RETURN r.content AS content
