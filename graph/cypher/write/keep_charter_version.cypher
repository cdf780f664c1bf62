// parameters: {"community_id": "a", "set": {"id": "a/1", "number": 1, "state": "draft"}, "author_id": "b", "took_part_ids": ["b"], "goal_ids": ["g"], "source": "by-hand"}
MATCH (c:Community {id: $community_id})
CREATE (c)-[:HAS_VERSION {source: $source}]->(v:CharterVersion)
SET v = $set
WITH v
CALL (v) {
  MATCH (p:Person {id: $author_id})
  CREATE (p)-[:WROTE {source: $source}]->(v)
}
CALL (v) {
  UNWIND range(0, size($took_part_ids) - 1) AS place
  MATCH (p:Person {id: $took_part_ids[place]})
  CREATE (p)-[:TOOK_PART_IN {source: $source, place: place}]->(v)
}
CALL (v) {
  UNWIND range(0, size($goal_ids) - 1) AS place
  MATCH (g:Goal {id: $goal_ids[place]})
  CREATE (v)-[:NAMES_GOAL {source: $source, place: place}]->(g)
}
