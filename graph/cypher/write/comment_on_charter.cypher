// parameters: {"id": "a/1", "comment_id": "m-1", "person_id": "b", "text": "Well.", "at": "2026-01-01T00:00:00.000Z", "source": "by-hand"}
MATCH (v:CharterVersion {id: $id}), (p:Person {id: $person_id})
CREATE (p)-[:WROTE {source: $source}]->(m:CharterComment {id: $comment_id, text: $text, at: $at})
CREATE (m)-[:ON {source: $source}]->(v)
