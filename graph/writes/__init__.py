"""Writes by subject. Each takes a write transaction and leaves an Event."""
