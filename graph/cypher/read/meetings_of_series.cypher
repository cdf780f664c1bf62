// parameters: {"id": "a"}
MATCH (m:Meeting)-[:IN_SERIES]->(:Meeting {id: $id})
RETURN m.id AS id
ORDER BY id
