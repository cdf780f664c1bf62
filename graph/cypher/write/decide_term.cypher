// parameters: {"id": "a/term", "community_id": "a", "set": {"term": "Term", "state": "accepted", "definition": null, "at": "2026-01-01T00:00:00.000Z"}}
MATCH (c:Community {id: $community_id})
MERGE (g:GlossaryTerm {id: $id})
SET g += $set
MERGE (g)-[r:USED_IN]->(c)
ON CREATE SET r.source = 'by-hand'
RETURN g.id AS id
