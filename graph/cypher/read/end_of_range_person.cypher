// parameters: {"after": "", "size": 500}
// The last id of the next `size` things behind `after`, in the order of ids: an index alone is read.
MATCH (n:Person)
WHERE n.id > $after
WITH n.id AS id ORDER BY id LIMIT $size
RETURN max(id) AS until, count(id) AS number
