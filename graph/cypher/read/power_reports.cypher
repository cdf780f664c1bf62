// parameters: {"id": "a"}
// Every report that was ever made of a community.
MATCH (r:PowerReport {community_id: $id})
RETURN r.quarter AS quarter, r.content AS content
ORDER BY quarter
