"""Families of evidence, one a file. Each returns a value for every community, or of helpers for every person, and for
a row a reason."""
