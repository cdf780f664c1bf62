// parameters: {"actor": "a"}
// Writers by hand wait here for each other, so that what one compares with is what it then changes.
MERGE (m:Meta {id: 'revision'})
SET m.locked_by = $actor
