"""The fault catalogue, and when an armed fault strikes.

Every fault has an id that stays with it for ever. Line faults (B) are done to the bytes by `faulty_line`; how a device
or a person suffers a fault (C, G) is told by their `ailments`. Notes and cards never vanish or double under any of
them.
"""

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from pydantic import TypeAdapter, ValidationError

Option: TypeAlias = bool | int | float | str


class Where(StrEnum):
    """What a fault is done to."""

    LINE = "line"
    DEVICE = "device"
    PERSON = "person"


CATALOGUE: Final[Mapping[str, tuple[Where, str]]] = {
    "B1": (Where.LINE, "one bit flipped"),
    "B2": (Where.LINE, "two bits flipped so that an XOR check character still fits"),
    "B3": (Where.LINE, "bytes dropped"),
    "B4": (Where.LINE, "bytes or a message duplicated"),
    "B5": (Where.LINE, "bytes delayed"),
    "B6": (Where.LINE, "a message in fragments"),
    "B7": (Where.LINE, "messages joined in one read"),
    "B8": (Where.LINE, "stray FF"),
    "B9": (Where.LINE, "stray 00"),
    "B10": (Where.LINE, "parity or framing error: a byte arrives as 00"),
    "B11": (Where.LINE, "break: 00 in place of the first byte"),
    "B12": (Where.LINE, "echo of the host's own bytes"),
    "B13": (Where.LINE, "ACK lost"),
    "B14": (Where.LINE, "EOT lost"),
    "B15": (Where.LINE, "storm of NAKs"),
    "B16": (Where.LINE, "the reply to the previous command comes first"),
    "B17": (Where.LINE, "the reply comes after the host's time-out"),
    "B18": (Where.LINE, "babbling device"),
    "B19": (Where.LINE, "wrong baud rate"),
    "B20": (Where.LINE, "adapter unplugged and plugged in again"),
    "B21": (Where.LINE, "paths of two devices exchanged"),
    "B22": (Where.LINE, "the device resets during a command"),
    "B23": (Where.DEVICE, "a sequence number wraps"),
    "C1": (Where.DEVICE, "pick failure"),
    "C2": (Where.DEVICE, "double pick"),
    "C3": (Where.DEVICE, "jam in the note transport"),
    "C4": (Where.DEVICE, "reject bin full"),
    "C5": (Where.DEVICE, "cassette empty"),
    "C6": (Where.DEVICE, "cassette removed"),
    "C7": (Where.DEVICE, "cassettes swapped"),
    "C8": (Where.DEVICE, "wrong denomination in a cassette"),
    "C9": (Where.DEVICE, "count sensor stuck"),
    "C10": (Where.DEVICE, "shutter stuck open"),
    "C11": (Where.DEVICE, "shutter stuck closed"),
    "C12": (Where.DEVICE, "notes partly taken"),
    "C13": (Where.DEVICE, "notes taken without a sensor edge"),
    "C14": (Where.DEVICE, "notes held back during a retract"),
    "C15": (Where.DEVICE, "the retract counts short"),
    "C16": (Where.DEVICE, "card jam"),
    "C17": (Where.DEVICE, "card held by the customer"),
    "C18": (Where.DEVICE, "card taken between eject and retract"),
    "C19": (Where.DEVICE, "chip mute"),
    "C20": (Where.DEVICE, "only the magnetic stripe can be read"),
    "C21": (Where.DEVICE, "receipt paper out"),
    "C22": (Where.DEVICE, "printer jam in the middle of a receipt"),
    "C23": (Where.DEVICE, "PIN pad tampered with"),
    "C24": (Where.DEVICE, "PIN pad key lost"),
    "C28": (Where.DEVICE, "door or safe open"),
    "G1": (Where.PERSON, "cancels"),
    "G2": (Where.PERSON, "walks away"),
    "G3": (Where.PERSON, "pushes in a second card"),
    "G4": (Where.PERSON, "mashes the keys"),
    "G6": (Where.PERSON, "power cut just as the notes are grasped"),
    "G7": (Where.PERSON, "hesitates right up to a time limit"),
    "G8": (Where.PERSON, "takes part of the notes and walks off"),
}
"""Where a fault strikes, and what it is."""

NOT_MODELLED: Final[Mapping[str, str]] = {
    "C25": "there is no cash acceptor",
    "C26": "there is no cash acceptor",
    "C27": "there is no cash acceptor",
    "G5": "there is no contactless reader",
}
"""Faults of the catalogue that nothing here can suffer, and why."""


class FaultRefused(ValueError):
    """A fault that can't be armed like this; the message says what would do."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """When a fault strikes: now, or at one of these.

    `at`: seconds from now. `command`: with the n-th command of the host from now. `byte`: with the n-th byte from now,
    in the fault's direction. `chance`: at every command with this probability. `times`: how often in all (by chance:
    at most; 0 is without end).
    """

    at: float | None = None
    command: int | None = None
    byte: int | None = None
    chance: float | None = None
    times: int = 1

    def __post_init__(self) -> None:
        if sum(given is not None for given in (self.at, self.command, self.byte, self.chance)) > 1:
            raise FaultRefused("give one of at, command, byte, chance; or none, for now")
        if self.at is not None and self.at < 0:
            raise FaultRefused("at: seconds from now, 0 or more")
        if any(count is not None and count < 1 for count in (self.command, self.byte)):
            raise FaultRefused("command and byte are counted from 1")
        if self.chance is not None and not 0 < self.chance <= 1:
            raise FaultRefused("chance: above 0 and at most 1")
        if self.times < 0 or (self.times == 0 and self.chance is None):
            raise FaultRefused("times: 1 or more; 0, without end, goes with chance")


@dataclass(frozen=True, slots=True)
class Ailment:
    """How something suffers one fault: what happens then, with options by keyword, and how it is mended."""

    happen: Callable[..., object]
    mend: Callable[[], None] | None = None

    @property
    def options(self) -> Mapping[str, object]:
        """The options and what they are without being given."""
        return {name: parameter.default for name, parameter in inspect.signature(self.happen).parameters.items()}

    def checked(self, options: Mapping[str, Option]) -> Mapping[str, object]:
        """The options as `happen` takes them. Raises FaultRefused."""
        known = self.options
        if unknown := [name for name in options if name not in known]:
            raise FaultRefused(f"no option {', '.join(unknown)}; known here: {', '.join(known) or 'none'}")
        needed = [name for name, default in known.items() if default is inspect.Parameter.empty]
        if missing := [name for name in needed if name not in options]:
            raise FaultRefused(f"option {', '.join(missing)} must be given")
        hints = typing.get_type_hints(self.happen)
        try:
            return {
                name: TypeAdapter(hints.get(name, object)).validate_python(value) for name, value in options.items()
            }
        except ValidationError as error:
            raise FaultRefused(f"options {dict(options)}: {error.errors()[0]['msg']}") from None


def known(fault: str) -> tuple[Where, str]:
    """Where a fault strikes and what it is. Raises FaultRefused for an id that is not in the catalogue."""
    if fault in NOT_MODELLED:
        raise FaultRefused(f"{fault} can't happen here: {NOT_MODELLED[fault]}")
    if fault not in CATALOGUE:
        raise FaultRefused(f"no fault {fault!r}; known are {', '.join(CATALOGUE)}")
    return CATALOGUE[fault]
