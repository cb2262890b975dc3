"""Policy as data per region and version, and the decision that follows from it."""
