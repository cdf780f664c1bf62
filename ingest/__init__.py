"""How data gets in: sources become records, records become graph, in resumable jobs."""
