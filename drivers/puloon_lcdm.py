"""The drivers of the Puloon LCDM cash dispensers, one per family."""

from drivers.puloon_lcdm_2000 import PuloonLcdm2000, PuloonLcdm2000Options
from drivers.puloon_lcdm_4000 import PuloonLcdm4000, PuloonLcdm4000Options

__all__ = ["PuloonLcdm2000", "PuloonLcdm2000Options", "PuloonLcdm4000", "PuloonLcdm4000Options"]
