"""Reads by subject. Each function returns a `graph.database.Read`: a stored statement and how to parse it."""
