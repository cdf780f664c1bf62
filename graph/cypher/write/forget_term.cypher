// parameters: {"id": "a/term"}
MATCH (g:GlossaryTerm {id: $id})
DETACH DELETE g
