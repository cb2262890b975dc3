"""Sankyo ICT3Q8: habits and time limits of one reader."""

from dataclasses import dataclass, field
from enum import StrEnum

from drivers.exchange import Handshake
from protocol.sankyo_ict3q8_chip import Supply
from protocol.sankyo_ict3q8_codes import Dialect
from protocol.sankyo_ict3q8_initialize import DsrWatch, OnPowerDown


class Entry(StrEnum):
    """How a card is waited for. `auto`: blocking, but polling on an ICT3K5, of which only that is known."""

    AUTO = "auto"
    BLOCKING = "blocking"
    """One command that ends when the card is inside (`C20`); the line is silent meanwhile."""
    POLLING = "polling"
    """The slot is enabled (`C:0`), and the position asked for again and again: what the vendor advises."""


@dataclass(frozen=True, slots=True)
class SankyoIct3q8Options:
    """Habits and time limits (seconds) of one reader.

    `entry_check`: how often a blocking entry is interrupted to see that the reader is still there. `poll`: how often
    one is asked that polls. `chip_supplies` are tried in order while the reader refuses the ATR. `counts_retained` uses
    the reader's own counter of captured cards, which proves a capture. `box_sensor`: no capture without a box.
    `reinitialize`: a reader that restarted by itself is initialised without moving a card; else that is an error.
    """

    dialect: Dialect = Dialect.ICT3Q8
    entry: Entry = Entry.AUTO
    entry_check: float = 30.0
    poll: float = 0.2
    magnetic_only: bool = False
    chip_supplies: tuple[Supply, ...] = (Supply.EMV_5V, Supply.ISO_5V)
    counts_retained: bool = True
    box_sensor: bool = True
    reinitialize: bool = True
    power_down: OnPowerDown = OnPowerDown.EJECT
    finish_write_at_power_down: bool = False
    dsr_watch: DsrWatch = DsrWatch.AT_POWER_ON_ONLY
    skip_shutter_test: bool = False
    reply_timeout: float = 20.0
    motion_timeout: float = 20.0
    initialize_timeout: float = 30.0
    removal_slack: float = 3.0
    handshake: Handshake = field(default_factory=Handshake)

    def __post_init__(self) -> None:
        if min(self.entry_check, self.poll, self.reply_timeout, self.motion_timeout, self.initialize_timeout) <= 0:
            raise ValueError(
                "entry_check, poll, reply_timeout, motion_timeout and initialize_timeout must be more than 0 seconds"
            )

    @property
    def entry_blocks(self) -> bool:
        """Is a card waited for with one command?"""
        if self.entry is Entry.AUTO:
            return self.dialect is Dialect.ICT3Q8
        return self.entry is Entry.BLOCKING
