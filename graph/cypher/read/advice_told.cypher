// parameters: {"ids": ["a"]}
// Advice by id, with what became of it and who gave it (nobody, where they are forgotten).
UNWIND $ids AS id
MATCH (a:Advice {id: id})
OPTIONAL MATCH (p:Person)-[:GAVE]->(a)
RETURN a.id AS id, coalesce(a.text, '') AS text, a.advised_at AS advised_at, a.outcome AS outcome, a.learned AS learned,
  p.id AS helper_id, coalesce(p.name, p.id) AS helper
ORDER BY id, helper_id
