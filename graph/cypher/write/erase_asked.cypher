// parameters: {"ids": ["q"], "at": "2026-01-01T00:00:00.000Z"}
// Of questions of somebody who is erased: what they learned from advice is theirs as well, and so are requests that
// still wait.
UNWIND $ids AS id
MATCH (q:Question {id: id})
SET q.asker_erased = true
WITH q
OPTIONAL MATCH (q)<-[:FOR]-(r:HelpRequest)
SET r.learned = null,
    r.ended_at = CASE WHEN r.state IN ['asked', 'accepted'] THEN $at ELSE r.ended_at END,
    r.state = CASE WHEN r.state IN ['asked', 'accepted'] THEN 'withdrawn' ELSE r.state END
