// parameters: {"id": "r"}
// What a remedy changed of things that are still there. What it says of a membership hangs on the person.
MATCH (:Remedy {id: $id})-[c:CHANGED]->()
RETURN c.kind AS kind, c.thing AS thing, c.field AS field, c.before AS before, c.after AS after
ORDER BY kind, thing, field
