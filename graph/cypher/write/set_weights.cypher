// parameters: {"kept": {"values": "{}"}}
MERGE (m:Meta {id: 'weights'})
SET m = $kept, m.id = 'weights'
