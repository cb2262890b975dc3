"""The control door: the physical world of a bench over HTTP."""
