CREATE CONSTRAINT join_request_id IF NOT EXISTS FOR (n:JoinRequest) REQUIRE n.id IS UNIQUE;
CREATE RANGE INDEX join_request_state IF NOT EXISTS FOR (n:JoinRequest) ON (n.state);
