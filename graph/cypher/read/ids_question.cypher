// parameters: {"after": "", "limit": 500}
// The ids of the next things behind `after`, in their order: an index alone is read.
MATCH (n:Question)
WHERE n.id > $after
WITH n.id AS id ORDER BY id LIMIT $limit
RETURN collect(id) AS ids
