CREATE CONSTRAINT provisioned_id IF NOT EXISTS FOR (n:Provisioned) REQUIRE n.id IS UNIQUE;
CREATE RANGE INDEX provisioned_name IF NOT EXISTS FOR (n:Provisioned) ON (n.name_key);
CREATE RANGE INDEX provisioned_external IF NOT EXISTS FOR (n:Provisioned) ON (n.external_id);
CREATE CONSTRAINT united_id IF NOT EXISTS FOR (n:United) REQUIRE n.id IS UNIQUE;
