"""Pages for people: contexts and templates."""
