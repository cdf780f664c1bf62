CREATE CONSTRAINT session_id IF NOT EXISTS FOR (n:Session) REQUIRE n.id IS UNIQUE;
CREATE RANGE INDEX session_person IF NOT EXISTS FOR (n:Session) ON (n.person_id);
CREATE RANGE INDEX session_expiry IF NOT EXISTS FOR (n:Session) ON (n.expires_at);
CREATE CONSTRAINT account_id IF NOT EXISTS FOR (n:Account) REQUIRE n.id IS UNIQUE;
