// parameters: {"rows": [{"id": "a", "set": {"vector_m": [1.0], "vector_m_key": "k"}}]}
UNWIND $rows AS row
MATCH (n:Question {id: row.id})
SET n += row.set
