// parameters: {"id": "a/1", "objection_id": "o-1", "person_id": "b", "text": "No.", "at": "2026-01-01T00:00:00.000Z", "source": "by-hand"}
MATCH (v:CharterVersion {id: $id}), (p:Person {id: $person_id})
CREATE (p)-[:RAISED {source: $source}]->(o:Objection {id: $objection_id, state: 'open', text: $text, at: $at})
CREATE (o)-[:AGAINST {source: $source}]->(v)
