// parameters: {"id": "a"}
// What was decided on terms of a community, in the order of terms.
MATCH (g:GlossaryTerm)-[:USED_IN]->(:Community {id: $id})
RETURN g.term AS term, g.state AS state, g.definition AS definition, g.at AS at
ORDER BY toLower(term), term
