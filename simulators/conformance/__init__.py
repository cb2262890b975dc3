"""What every driver and its device must do together, in the words of `drivers.interfaces`.

Run with `pytest --pyargs simulators.conformance --bench=...`; a test says what it needs, and is skipped without it.
"""
