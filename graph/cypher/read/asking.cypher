// parameters: {"asker_id": "a", "helper_id": "h", "question_id": null}
// What decides whether one person may ask another: no row where one of them is not there.
MATCH (a:Person {id: $asker_id}), (h:Person {id: $helper_id})
RETURN coalesce(h.name, h.id) AS name, h.left_on AS left_on, coalesce(h.open_to_help, true) AS open_to_help,
  coalesce(h.external, false) AS external,
  h.help_paused_until AS help_paused_until, h.help_capacity AS help_capacity,
  COUNT { MATCH (h)<-[:TO]-(r:HelpRequest) WHERE r.state IN ['asked', 'accepted'] } AS open,
  EXISTS { MATCH (h)<-[:TO]-(r:HelpRequest)-[:FOR]->(:Question {id: $question_id})
           WHERE NOT r.state IN ['declined', 'withdrawn', 'closed'] } AS asked_already,
  EXISTS { MATCH ANY SHORTEST (a)-[:REPORTS_TO]->+(h) } OR EXISTS { MATCH ANY SHORTEST (h)-[:REPORTS_TO]->+(a) }
    AS in_line
