"""The service line: a FastAPI application in front of the authority's rooms."""
