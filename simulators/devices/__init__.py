"""Simulated devices: wire side and mechanics."""
