// parameters: {"ends": [{"label": "Community", "id": "c"}]}
// Of things, by label and id, whatever their label.
UNWIND $ends AS end
MATCH (n:$(end.label) {id: end.id})
RETURN end.label AS label, n.id AS id, elementId(n) AS key
