"""The fault catalogue, and when an armed fault strikes.

Every fault has an id that stays with it for ever. Line faults (B) are done to the bytes by `faulty_line`; how a device
or a person suffers a fault (C, G) is told by their `ailments`. Notes and cards never vanish or double under any of
them.
"""

import inspect
import math
import random
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import EnumType, StrEnum
from functools import cached_property
from typing import Final, Literal

from simulators.world.fault_options import OneOf, Option, Range


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
    "B16": (Where.LINE, "the reply to the previous command, or the last one of the same form, comes first"),
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
        if self.at is not None and not 0 <= self.at < math.inf:
            raise FaultRefused("at: seconds from now, 0 or more")
        if any(count is not None and count < 1 for count in (self.command, self.byte)):
            raise FaultRefused("command and byte are counted from 1")
        if self.chance is not None and not 0 < self.chance <= 1:
            raise FaultRefused("chance: above 0 and at most 1")
        if self.times < 0 or (self.times == 0 and self.chance is None):
            raise FaultRefused("times: 1 or more; 0, without end, goes with chance")


def _nothing() -> None:
    return None


@dataclass(slots=True, eq=False)
class Pending:
    """What a fault has brought about and is still to come: `cancel` takes it back, `struck` is called when it comes."""

    cancel: Callable[[], None]
    struck: Callable[[], None] = _nothing


@dataclass(frozen=True, slots=True)
class Ailment:
    """How something suffers one fault: what happens then, with options by keyword, and how it is mended.

    `happen` returns a `Pending` for what does not happen at once.
    `limits` are what its numbers may be; of flags, enums and `Literal`s the type says it. The options named in
    `differ` must have different values.
    """

    happen: Callable[..., object]
    mend: Callable[[], None] | None = None
    limits: Mapping[str, Range] = field(default_factory=dict)
    differ: tuple[str, ...] = ()

    @property
    def options(self) -> Mapping[str, object]:
        """The options and what they are without being given; `Parameter.empty`: it must be given."""
        return {name: parameter.default for name, parameter in inspect.signature(self.happen).parameters.items()}

    @property
    def ranges(self) -> Mapping[str, Range]:
        """The options and what they may be. Raises TypeError for a number without limits."""
        options = self.options
        hints = typing.get_type_hints(self.happen) if options.keys() - self.limits.keys() else {}
        return {name: self.limits[name] if name in self.limits else _choices(name, hints.get(name)) for name in options}

    def checked(self, options: Mapping[str, Option]) -> Mapping[str, Option]:
        """The options as `happen` takes them. Raises FaultRefused."""
        known, ranges = self.options, self.ranges
        if unknown := [name for name in options if name not in known]:
            raise FaultRefused(f"no option {', '.join(unknown)}; known here: {', '.join(known) or 'none'}")
        needed = [name for name, default in known.items() if default is inspect.Parameter.empty]
        if missing := [name for name in needed if name not in options]:
            raise FaultRefused(f"option {', '.join(missing)} must be given")
        read: dict[str, Option] = {}
        for name, given in options.items():
            try:
                read[name] = ranges[name].read(given)
            except ValueError as error:
                raise FaultRefused(f"{name}: {error}") from None
        if not self._differ({**known, **read}):
            raise FaultRefused(f"{' and '.join(self.differ)} must differ")
        return read

    def draw(self, chance: random.Random) -> Mapping[str, Option]:
        """Options that `checked` takes; one that need not be given and then is None is left out half the time."""
        known, ranges = self.options, self.ranges
        while True:
            drawn = {
                name: range_.draw(chance)
                for name, range_ in ranges.items()
                if known[name] is not None or chance.random() < 0.5
            }
            if self._differ({**known, **drawn}):
                return drawn

    def _differ(self, options: Mapping[str, object]) -> bool:
        return len({options[name] for name in self.differ}) == len(self.differ)


def _choices(name: str, hint: object) -> Range:
    """What an option may be whose type names all of it."""
    if hint is bool:
        return OneOf((False, True))
    if isinstance(hint, EnumType):
        return OneOf(tuple(hint))
    if typing.get_origin(hint) is Literal:
        return OneOf(typing.get_args(hint))
    raise TypeError(f"option {name}: its type does not say what it may be; give it limits")


class Ailments(Mapping[str, Ailment]):
    """Ailments by the fault's id, made by `make` when somebody asks first: most kiosks of a fleet suffer none."""

    def __init__(self, make: Callable[[], Mapping[str, Ailment]]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Mapping[str, Ailment]:
        return self._make()

    def __getitem__(self, fault: str) -> Ailment:
        return self._made[fault]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


def known(fault: str) -> tuple[Where, str]:
    """Where a fault strikes and what it is. Raises FaultRefused for an id that is not in the catalogue."""
    if fault in NOT_MODELLED:
        raise FaultRefused(f"{fault} can't happen here: {NOT_MODELLED[fault]}")
    if fault not in CATALOGUE:
        raise FaultRefused(f"no fault {fault!r}; known are {', '.join(CATALOGUE)}")
    return CATALOGUE[fault]
