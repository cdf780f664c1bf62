"""What follows from the graph: embeddings, search, join and helper recommendations."""
