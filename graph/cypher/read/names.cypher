// parameters: {"people": ["a"], "communities": ["x"], "skills": [], "units": [], "questions": ["q"], "meetings": []}
// What things are called, by label and id.
CALL () {
  UNWIND $people AS id MATCH (n:Person {id: id}) RETURN 'Person' AS label, n.id AS key, coalesce(n.name, n.id) AS name
  UNION ALL
  UNWIND $communities AS id MATCH (n:Community {id: id}) RETURN 'Community' AS label, n.id AS key, coalesce(n.name, n.id) AS name
  UNION ALL
  UNWIND $skills AS id MATCH (n:Skill {id: id}) RETURN 'Skill' AS label, n.id AS key, coalesce(n.name, n.id) AS name
  UNION ALL
  UNWIND $units AS id MATCH (n:OrgUnit {id: id}) RETURN 'OrgUnit' AS label, n.id AS key, coalesce(n.name, n.id) AS name
  UNION ALL
  UNWIND $questions AS id MATCH (n:Question {id: id}) RETURN 'Question' AS label, n.id AS key, coalesce(n.title, n.id) AS name
  UNION ALL
  UNWIND $meetings AS id MATCH (n:Meeting {id: id}) RETURN 'Meeting' AS label, n.id AS key, coalesce(n.title, n.id) AS name
}
RETURN label, key, name
ORDER BY label, key
