CREATE CONSTRAINT glossary_term_id IF NOT EXISTS FOR (n:GlossaryTerm) REQUIRE n.id IS UNIQUE;
CREATE CONSTRAINT digest_preferences_id IF NOT EXISTS FOR (n:DigestPreferences) REQUIRE n.id IS UNIQUE;
