"""The simulated Puloon LCDM cash dispensers, one per family."""

from simulators.devices.puloon_lcdm_2000 import PuloonLcdm2000, PuloonLcdm2000Options
from simulators.devices.puloon_lcdm_4000 import PuloonLcdm4000, PuloonLcdm4000Options, ResetReply

__all__ = ["PuloonLcdm2000", "PuloonLcdm2000Options", "PuloonLcdm4000", "PuloonLcdm4000Options", "ResetReply"]
