// parameters: {"person_id": "a", "set": {"frequency": "daily", "parts": ["requests"], "paused_until": null}}
MATCH (p:Person {id: $person_id})
MERGE (d:DigestPreferences {id: p.id})
SET d += $set, d.source = 'by-hand'
RETURN d.id AS id
