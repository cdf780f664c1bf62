"""From a proposal to a community: whether it has what a community of practice needs."""
