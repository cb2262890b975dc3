"""Sankyo ICT3Q8: the parameters of Initialize (ASL-NP-09256-01), and their other order on the ICT3K5."""

from dataclasses import dataclass
from enum import StrEnum

from protocol.sankyo_ict3q8 import Command
from protocol.sankyo_ict3q8_codes import Dialect
from protocol.wire import RemoteProtocolError


class InitialMove(StrEnum):
    """pm of Initialize: what happens to a card inside; the last three switch the retract counter on."""

    TO_GATE = "0"
    CAPTURE = "1"
    KEEP_INSIDE = "2"
    DO_NOT_MOVE = "3"
    TO_GATE_COUNTED = "4"
    CAPTURE_COUNTED = "5"
    KEEP_INSIDE_COUNTED = "6"

    @property
    def counts(self) -> bool:
        """Is the retract counter on afterwards?"""
        return self >= InitialMove.TO_GATE_COUNTED

    @property
    def uncounted(self) -> "InitialMove":
        """The same movement without the counter."""
        return InitialMove(str(int(self) - 4)) if self.counts else self


class OnPowerDown(StrEnum):
    """Pd of Initialize: where a card goes at power-down."""

    EJECT = "0"
    EJECT_UNLESS_WRITING = "1"
    KEEP = "2"
    OFFER_THEN_CAPTURE = "3"


class DsrWatch(StrEnum):
    """Ds of Initialize: what the reader does when the host's DSR goes off."""

    AT_POWER_ON_ONLY = "0"
    EJECT = "1"
    PULL_IN = "2"


_TRACK_FORMATS = {Dialect.ICT3Q8: "3240", Dialect.ICT3K5: "3241"}
_LAST_FLAGS = {Dialect.ICT3Q8: 6, Dialect.ICT3K5: 4}
"""How many characters follow the fixed 0 after the track formats; all but the formats and that 0 may be left off."""


@dataclass(frozen=True, slots=True)
class Initialize:
    """ICT3Q8: `C 0 pm 3 2 4 0 fm Pd Wv Sh Ds Ty Cp`. ICT3K5 (one driver in the field): `C 0 pm 3 2 4 1 0 Pd Ty Ds Cc`.

    `capture_counter` is Cc of the ICT3K5; on the ICT3Q8 the move itself tells whether captures are counted.
    """

    move: InitialMove = InitialMove.TO_GATE_COUNTED
    power_down: OnPowerDown = OnPowerDown.EJECT
    finish_write_at_power_down: bool = False
    skip_shutter_test: bool = False
    dsr_watch: DsrWatch = DsrWatch.AT_POWER_ON_ONLY
    report_type: bool = True
    pull_out_in_capture_is_error: bool = True
    capture_counter: bool = False

    @property
    def counts(self) -> bool:
        """Are captures counted from now on?"""
        return self.move.counts or self.capture_counter

    def command(self, dialect: Dialect = Dialect.ICT3Q8) -> Command:
        """In full: 14 characters, on the ICT3K5 12."""
        formats = _TRACK_FORMATS[dialect] + "0"
        if dialect is Dialect.ICT3K5:
            flags = f"{self.power_down}{self.report_type:d}{self.dsr_watch}{self.counts:d}"
            return Command("0", self.move.uncounted, f"{formats}{flags}".encode())
        tests = f"{self.finish_write_at_power_down:d}{self.skip_shutter_test:d}"
        reports = f"{self.report_type:d}{self.pull_out_in_capture_is_error:d}"
        return Command("0", self.move, f"{formats}{self.power_down}{tests}{self.dsr_watch}{reports}".encode())

    @classmethod
    def parse(cls, command: Command, dialect: Dialect = Dialect.ICT3Q8) -> "Initialize":
        """What is left off at the end is 0. Raises RemoteProtocolError."""
        text, formats, most = command.data.decode("latin-1"), _TRACK_FORMATS[dialect] + "0", _LAST_FLAGS[dialect]
        flags = text[len(formats) :]
        if not text.startswith(formats) or len(flags) > most:
            raise RemoteProtocolError(f"Initialize with data {text!r}")
        try:
            move = InitialMove(command.pm)
            if dialect is Dialect.ICT3K5:
                pd, ty, ds, cc = tuple(flags.ljust(most, "0"))
                watch = DsrWatch(ds)
                return cls(move, OnPowerDown(pd), False, False, watch, _flag(ty), False, _flag(cc))
            pd, wv, sh, ds, ty, cp = tuple(flags.ljust(most, "0"))
            return cls(move, OnPowerDown(pd), _flag(wv), _flag(sh), DsrWatch(ds), _flag(ty), _flag(cp))
        except ValueError:
            raise RemoteProtocolError(f"Initialize {command.pm} with data {text!r}") from None


def _flag(character: str) -> bool:
    return bool(("0", "1").index(character))
