// parameters: {"id": "r", "advice_id": "a", "source": "by-hand"}
MATCH (r:HelpRequest {id: $id}), (a:Advice {id: $advice_id})
MERGE (r)-[g:GOT]->(a)
SET g.source = $source
RETURN a.id AS id
