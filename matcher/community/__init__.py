"""Conclusions about the life of one community, from what is recorded of it."""
