CREATE RANGE INDEX finding_status IF NOT EXISTS FOR (n:Finding) ON (n.status);
CREATE RANGE INDEX finding_score IF NOT EXISTS FOR (n:Finding) ON (n.score);
CREATE CONSTRAINT calibration_id IF NOT EXISTS FOR (n:Calibration) REQUIRE n.id IS UNIQUE;
