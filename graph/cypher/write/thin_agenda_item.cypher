// parameters: {"ids": ["a"], "limit": 100}
// A hub must lose its relationships in batches before it goes, or the transaction outgrows the memory.
UNWIND $ids AS id
MATCH (n:AgendaItem {id: id})-[r]-()
WITH r LIMIT $limit
DELETE r
RETURN count(*) AS deleted
