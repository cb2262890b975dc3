"""The other party on every wire: devices, host, and the benches that join them to a terminal."""
