// parameters: {"id": "k"}
MATCH (i:IdempotencyKey {id: $id})
RETURN i.request AS request, i.answer AS answer
