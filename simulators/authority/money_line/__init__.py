"""The authority's end of the money line: connections, messages, authorisation."""
