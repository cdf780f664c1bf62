// parameters: {"ids": ["a"]}
// With what was decided on its words.
UNWIND $ids AS id
MATCH (n:Community {id: id})
OPTIONAL MATCH (g:GlossaryTerm)-[:USED_IN]->(n)
DETACH DELETE g, n
