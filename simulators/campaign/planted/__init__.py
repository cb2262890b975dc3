"""Bugs that are planted on purpose, one at a time, to see whether a campaign finds them."""

from simulators.campaign.planted.bug import Planted
from simulators.campaign.planted.hunt import Hunted, hunt, median_seeds
from simulators.campaign.planted.registry import PLANTED, SUBSTITUTES

__all__ = ["PLANTED", "SUBSTITUTES", "Hunted", "Planted", "hunt", "median_seeds"]
