// parameters: {"ends": [{"label": "Community", "id": "c"}]}
// Of things, by label and id, whatever their label. A label that a statement is given is looked up in no index, so those
// of which there are many are named.
UNWIND $ends AS end
CALL (end) {
  WITH end WHERE end.label = 'Person' MATCH (n:Person {id: end.id}) RETURN n
  UNION ALL
  WITH end WHERE end.label = 'OrgUnit' MATCH (n:OrgUnit {id: end.id}) RETURN n
  UNION ALL
  WITH end WHERE end.label = 'Skill' MATCH (n:Skill {id: end.id}) RETURN n
  UNION ALL
  WITH end WHERE end.label = 'Community' MATCH (n:Community {id: end.id}) RETURN n
  UNION ALL
  WITH end WHERE end.label = 'Meeting' MATCH (n:Meeting {id: end.id}) RETURN n
  UNION ALL
  WITH end WHERE end.label = 'Question' MATCH (n:Question {id: end.id}) RETURN n
  UNION ALL
  WITH end WHERE end.label = 'Advice' MATCH (n:Advice {id: end.id}) RETURN n
  UNION ALL
  WITH end WHERE end.label = 'HelpRequest' MATCH (n:HelpRequest {id: end.id}) RETURN n
  UNION ALL
  UNWIND CASE WHEN end.label IN ['Person', 'OrgUnit', 'Skill', 'Community', 'Meeting', 'Question', 'Advice', 'HelpRequest'] THEN [] ELSE [end] END AS other
  MATCH (n:$(other.label) {id: other.id}) RETURN n
}
RETURN end.label AS label, n.id AS id, elementId(n) AS key
