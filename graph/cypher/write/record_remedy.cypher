// parameters: {"id": "r", "set": {"remedy": "merge", "state": "done", "at": "2026-01-01T00:00:00.000Z"}, "about": ["a", "b"]}
CREATE (r:Remedy {id: $id})
SET r += $set
WITH r
UNWIND range(0, size($about) - 1) AS place
MATCH (c:Community {id: $about[place]})
CREATE (r)-[:ABOUT {place: place}]->(c)
