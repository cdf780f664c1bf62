// parameters: {"ids": null}
// The requests of `ids`, or all where it is null, as ranking needs them. An absent value is ''.
CALL () {
  WITH $ids AS ids WHERE ids IS NULL
  MATCH (r:HelpRequest)
  RETURN r
  UNION ALL
  UNWIND $ids AS id
  MATCH (r:HelpRequest {id: id})
  RETURN r
}
MATCH (r)-[:TO]->(h:Person)
RETURN r.id AS id, h.id AS helper_id, r.state AS state, coalesce(r.requested_at, '') AS requested_at,
  coalesce(r.decided_at, '') AS decided_at, coalesce(r.advised_at, '') AS advised_at,
  coalesce(r.ended_at, '') AS ended_at
ORDER BY id
