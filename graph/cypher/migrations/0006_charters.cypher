CREATE CONSTRAINT charter_version_id IF NOT EXISTS FOR (n:CharterVersion) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT objection_id IF NOT EXISTS FOR (n:Objection) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT charter_comment_id IF NOT EXISTS FOR (n:CharterComment) REQUIRE n.id IS UNIQUE;
