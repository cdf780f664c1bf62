// parameters: {"ids": ["a"]}
UNWIND $ids AS id
MATCH (n:Meeting {id: id})
RETURN n.id AS id, n.series_id AS refs, [(n)-[:IN_SERIES]->(m:Meeting) | m.id] AS linked
