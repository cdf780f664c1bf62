CREATE CONSTRAINT help_request_id IF NOT EXISTS FOR (n:HelpRequest) REQUIRE n.id IS UNIQUE;
CREATE RANGE INDEX help_request_state IF NOT EXISTS FOR (n:HelpRequest) ON (n.state);
CREATE RANGE INDEX help_request_requested_at IF NOT EXISTS FOR (n:HelpRequest) ON (n.requested_at);
