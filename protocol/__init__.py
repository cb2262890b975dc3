"""Bytes to messages and back: no I/O, no clock, no event loop."""
