"""Campaigns: days of a whole kiosk, each from one seed, with faults, power cuts, and invariants checked all along."""
