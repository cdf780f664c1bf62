"""The organisation that ships with the product, to try everything on: Halden, with parks at sea and 600 people."""
