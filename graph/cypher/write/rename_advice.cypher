// parameters: {"rows": [{"id": "q/a/2020", "new": "erased-1"}]}
// Advice is known by who gave it: what is left of it is known by another id, which the same advice always gets.
UNWIND $rows AS row
MATCH (n:Advice {id: row.id})
OPTIONAL MATCH (other:Advice {id: row.new})
DETACH DELETE other
WITH DISTINCT n, row
OPTIONAL MATCH (n)<-[g:GAVE]-(:Person)
DELETE g
WITH DISTINCT n, row
SET n.id = row.new
