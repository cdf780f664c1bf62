// parameters: {"property": "vector_m"}
// Collected: row by row the driver spends most of its time on records.
MATCH (n:Skill)
WHERE n[$property] IS NOT NULL
WITH n.id AS id, n[$property] AS vector
RETURN collect(id) AS ids, collect(vector) AS vectors
