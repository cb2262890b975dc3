"""Async drivers for serial devices, in XFS4IoT words."""
