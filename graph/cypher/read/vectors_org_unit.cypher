// parameters: {"ids": ["x"], "property": "vector_m", "key": "vector_m_key"}
// The vectors of some things, each with the key of what it was made from. Collected: row by row the driver spends most
// of its time on records.
UNWIND $ids AS id
MATCH (n:OrgUnit {id: id})
WHERE n[$property] IS NOT NULL
RETURN collect(n.id) AS ids, collect(coalesce(n[$key], '')) AS keys, collect(n[$property]) AS vectors
