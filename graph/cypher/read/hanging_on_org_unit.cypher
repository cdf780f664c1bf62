// parameters: {"id": "u"}
MATCH (n:OrgUnit {id: $id})
RETURN EXISTS { (n)<-[:WORKS_IN|PART_OF]-() } OR EXISTS { (n)<-[:ABOUT]-() } AS hanging
