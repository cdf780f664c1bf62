CREATE CONSTRAINT formation_step_id IF NOT EXISTS FOR (n:FormationStep) REQUIRE n.id IS UNIQUE;
