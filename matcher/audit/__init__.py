"""The audit: which communities are of one domain, or of a unit's; it compares and concludes nothing for anybody."""
