// parameters: {"beginning": "0"}
// Whoever adds to the log waits here for the one before, so that there is one chain.
MERGE (m:Meta {id: 'acts'})
SET m.seq = coalesce(m.seq, 0), m.hash = coalesce(m.hash, $beginning)
RETURN m.seq AS seq, m.hash AS hash
