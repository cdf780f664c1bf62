"""Families of evidence, one a file. Each returns a value for every community and, for a row, a reason."""
