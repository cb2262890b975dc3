"""One module for each family of numbers: what goes over the wire on one side, the authority's rooms on the other."""
