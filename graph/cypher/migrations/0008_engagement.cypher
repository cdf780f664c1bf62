CREATE RANGE INDEX greeted_spell IF NOT EXISTS FOR ()-[r:GREETED]-() ON (r.spell);
CREATE RANGE INDEX buddy_of_spell IF NOT EXISTS FOR ()-[r:BUDDY_OF]-() ON (r.spell);
CREATE CONSTRAINT pulse_tally_id IF NOT EXISTS FOR (n:PulseTally) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT power_report_id IF NOT EXISTS FOR (n:PowerReport) REQUIRE n.id IS UNIQUE;
