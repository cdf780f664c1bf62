// parameters: {"id": "a", "text": "(erased)", "limit": 10}
// What somebody said here, so many at a time: the words go, and that something was said stays, as others answered to it.
// A version of a charter is what its community wrote together: it stays, without whom it was by.
MATCH (:Person {id: $id})-[r:RAISED|SETTLED|WROTE|TOOK]->(n)
WITH r, n LIMIT $limit
SET n.text = CASE WHEN n.text IS NULL OR type(r) = 'SETTLED' THEN n.text ELSE $text END,
    n.comment = CASE WHEN n.comment IS NULL THEN null ELSE $text END,
    n.exception = CASE WHEN n.exception IS NULL THEN null ELSE $text END,
    n.reason = CASE WHEN n.reason IS NULL OR type(r) = 'RAISED' THEN n.reason ELSE $text END
DELETE r
RETURN count(*) AS number
