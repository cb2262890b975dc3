"""Tests of devices that run on simulators, over ptys, over TCP, and on hardware: the pytest plugin `medteller`."""
