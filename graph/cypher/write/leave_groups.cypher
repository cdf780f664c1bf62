// parameters: {"id": "a"}
// Whoever was deleted is in no group any more; which groups these were, and since when.
MATCH (g:Provisioned)-[r:CONTAINS]->(:Provisioned {id: $id})
WITH r, g.id AS id, g.thing_id AS thing_id, r.joined_on AS joined_on
DELETE r
RETURN id, thing_id, joined_on
