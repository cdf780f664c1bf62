"""Conclusions about one community and how it lives."""
