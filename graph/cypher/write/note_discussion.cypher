// parameters: {"meeting_id": "m", "item_id": "i", "note": "n", "at": "2026-01-01T00:00:00.000Z"}
// What was said of an item in a meeting; without a note what was noted before stays.
MATCH (m:Meeting {id: $meeting_id}), (i:AgendaItem {id: $item_id})
MERGE (m)-[d:DISCUSSED]->(i)
ON CREATE SET d.source = 'by-hand'
SET d.note = coalesce($note, d.note), d.noted_at = $at
RETURN i.id AS id
