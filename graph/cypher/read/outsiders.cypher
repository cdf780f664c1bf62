// parameters: {"today": "2026-01-01"}
MATCH (p:Person)
WHERE p.external AND (p.left_on IS NULL OR p.left_on > $today)
RETURN p.id AS id
