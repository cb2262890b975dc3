"""Wire traces: recorded between any program and any device, shown, played back, and held against a simulator."""
