// parameters: {"property": "vector_m", "key": "vector_m_key"}
// What each stored vector was made from: a look at these tells which vectors are to be read again.
MATCH (n:Question)
WHERE n[$property] IS NOT NULL
RETURN collect([n.id, coalesce(n[$key], '')]) AS pairs
