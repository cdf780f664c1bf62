// parameters: {"buddy_id": "b", "newcomer_id": "n", "spell": "n/c/2026", "set": {"state": "proposed"}}
MATCH (b:Person {id: $buddy_id}), (n:Person {id: $newcomer_id})
MERGE (b)-[r:BUDDY_OF {spell: $spell}]->(n)
SET r += $set, r.source = 'by-hand'
RETURN n.id AS id
