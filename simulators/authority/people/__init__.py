"""Insured persons and their cards."""
