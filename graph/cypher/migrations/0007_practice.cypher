CREATE CONSTRAINT initiative_id IF NOT EXISTS FOR (n:Initiative) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT calendar_address_id IF NOT EXISTS FOR (n:CalendarAddress) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT calendar_address_digest IF NOT EXISTS FOR (n:CalendarAddress) REQUIRE n.digest IS UNIQUE;
CREATE RANGE INDEX meeting_starts_at IF NOT EXISTS FOR (n:Meeting) ON (n.starts_at);
CREATE RANGE INDEX initiative_state IF NOT EXISTS FOR (n:Initiative) ON (n.state);
// Until now every agenda item was `open`, as nobody could say anything else: that was no statement.
MATCH (i:AgendaItem) WHERE i.hashes IS NULL CALL (i) { REMOVE i.state, i.sources } IN TRANSACTIONS OF 5000 ROWS;
MATCH (m:Meeting)-[d:DISCUSSED]->(i:AgendaItem)
MATCH (c:Community {id: m.community_id})
CALL (i, c, d) { MERGE (i)-[r:OF]->(c) ON CREATE SET r.source = d.source } IN TRANSACTIONS OF 5000 ROWS;
