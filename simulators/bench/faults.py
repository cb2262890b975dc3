"""Faults on demand: which of the catalogue are armed on a bench, when they strike, and which have struck."""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial

from simulators.world.fault_options import Option
from simulators.world.faults import CATALOGUE, Ailment, FaultRefused, Pending, Trigger, Where, known
from simulators.world.faulty_line import Direction, LineFaults

CUSTOMER = "customer"
"""What faults of a person are armed on."""


@dataclass(slots=True)
class Armed:
    """One armed fault.

    `fired`: when it struck, in seconds since the bench was made; `active`: it can still strike; `disarmed`: somebody
    disarmed it; `impossible`: why it could not happen when its time came.
    """

    number: int
    fault: str
    device: str
    trigger: Trigger
    options: Mapping[str, Option]
    fired: list[float] = field(default_factory=list)
    active: bool = True
    disarmed: bool = False
    impossible: str = ""


@dataclass(frozen=True, slots=True)
class Possible:
    """One fault of the catalogue, and how each thing that can suffer it does: options, their ranges, a draw of them."""

    fault: str
    where: Where
    words: str
    devices: Mapping[str, Ailment]


@dataclass(frozen=True, slots=True)
class Target:
    """Something that faults can be armed on; `line` only where it has one; `immune`: fault -> why it is immune."""

    ailments: Mapping[str, Ailment]
    line: LineFaults | None = None
    immune: Mapping[str, str] = field(default_factory=dict)


class Injector:
    """The armed faults of one bench. `watch` what strikes; `fired` counts strikes by the fault's id."""

    def __init__(self, chance: Callable[[], random.Random]) -> None:
        self.armed: list[Armed] = []
        self.fired: Counter[str] = Counter()
        self._begin_chance = chance
        self._targets: dict[str, Target] = {}
        self._stops: dict[int, Callable[[], None]] = {}
        self._pending: defaultdict[int, list[Pending]] = defaultdict(list)
        self._watchers: list[Callable[[Armed], None]] = []
        self._began = asyncio.get_running_loop().time()

    @cached_property
    def _chance(self) -> random.Random:
        """Begun with the first fault that asks: its state is large, and few benches ever need it."""
        return self._begin_chance()

    def add(self, name: str, target: Target) -> None:
        """Let faults be armed on `target`, a role or CUSTOMER; the last one of a name counts."""
        self._targets[name] = target

    def watch(self, watcher: Callable[[Armed], None]) -> None:
        """Have `watcher` called each time a fault strikes."""
        self._watchers.append(watcher)

    def possible(self) -> list[Possible]:
        """The catalogue, with what can suffer each fault here."""
        return [
            Possible(
                fault,
                where,
                words,
                {name: target.ailments[fault] for name, target in self._targets.items() if fault in target.ailments},
            )
            for fault, (where, words) in CATALOGUE.items()
        ]

    def arm(
        self,
        fault: str,
        device: str | None = None,
        *,
        trigger: Trigger = Trigger(),  # noqa: B008  # frozen
        options: Mapping[str, Option] | None = None,
    ) -> Armed:
        """Let a fault happen; `device` may be left out where only one thing can suffer it. Raises FaultRefused."""
        name, target = self._target(fault, device)
        ailment = target.ailments[fault]
        checked = ailment.checked(options or {})
        if target.line is None and (trigger.command or trigger.byte or trigger.chance):
            raise FaultRefused(f"{name} hears no commands: give at, or nothing for now")
        armed = Armed(len(self.armed) + 1, fault, name, trigger, dict(options or {}))
        self.armed.append(armed)
        try:
            stop = self._set(armed, target, ailment, lambda: self._happen(armed, ailment, checked))
        except (ValueError, LookupError) as error:
            self.armed.remove(armed)
            raise FaultRefused(f"{fault} can't happen like this: {error}") from None
        self._stops[armed.number] = stop
        return armed

    def disarm(self, number: int) -> Armed:
        """Let an armed fault strike no more, and mend what it broke where it can be mended. Raises FaultRefused."""
        armed = next((each for each in self.armed if each.number == number), None)
        if armed is None:
            raise FaultRefused(f"no armed fault has number {number}")
        self._end(armed)
        for pending in self._pending.pop(number, ()):
            pending.cancel()
        armed.disarmed = True
        mend = self._mend(armed)
        if armed.fired and mend is not None:
            mend()
        return armed

    def standing(self) -> list[Armed]:
        """What can still strike, and what struck and stays broken until it is disarmed."""
        return [
            armed
            for armed in self.armed
            if not armed.disarmed and (armed.active or (armed.fired and self._mend(armed) is not None))
        ]

    def _mend(self, armed: Armed) -> Callable[[], None] | None:
        return self._targets[armed.device].ailments[armed.fault].mend

    def _target(self, fault: str, device: str | None) -> tuple[str, Target]:
        where, words = known(fault)
        able = [name for name, target in self._targets.items() if fault in target.ailments]
        if not able and where is Where.PERSON:
            raise FaultRefused(
                f"{fault} ({words}) is what a person does at a kiosk, and nobody here plays one; "
                "medteller-sim demo and workbench have somebody who does"
            )
        if not able:
            reasons = [f"{name}: {each.immune[fault]}" for name, each in self._targets.items() if fault in each.immune]
            raise FaultRefused("; ".join([f"nothing on this bench can suffer {fault} ({words})", *reasons]))
        if device is None and len(able) > 1:
            raise FaultRefused(f"{fault} ({words}): name the device, one of {', '.join(able)}")
        name = able[0] if device is None else device
        if name not in able:
            raise FaultRefused(f"{name} can't suffer {fault} ({words}); it is for {', '.join(able)}")
        return name, self._targets[name]

    def _set(self, armed: Armed, target: Target, ailment: Ailment, strike: Callable[[], None]) -> Callable[[], None]:
        """Wait for the trigger; returns how to stop waiting."""
        trigger, line = armed.trigger, target.line

        def later() -> None:
            """Nobody is there to be told; the line or timer that strikes must go on."""
            try:
                strike()
            except (ValueError, LookupError) as error:
                armed.impossible = str(error)
                self._end(armed)

        if trigger.at is not None:
            return asyncio.get_running_loop().call_later(trigger.at, later).cancel
        if trigger.byte is not None and line is not None:
            direction = {"direction": Direction.TO_DEVICE, **ailment.options, **armed.options}["direction"]
            return line.at_byte(Direction(str(direction)), trigger.byte, later)
        if line is None or (trigger.command is None and trigger.chance is None):
            strike()
            return _nothing
        first = line.commands + (trigger.command or 1)

        def on_command() -> None:
            due = line.commands >= first if trigger.chance is None else self._chance.random() < trigger.chance
            if due and armed.active:
                later()

        return line.on_command(on_command)

    def _happen(self, armed: Armed, ailment: Ailment, options: Mapping[str, object]) -> None:
        outcome, pending = ailment.happen(**options), self._pending[armed.number]
        if not isinstance(outcome, Pending):
            self._struck(armed)
            return
        pending.append(outcome)
        outcome.struck = partial(self._struck, armed, outcome)
        if armed.trigger.times and len(armed.fired) + len(pending) >= armed.trigger.times:
            self._stop(armed)

    def _struck(self, armed: Armed, pending: Pending | None = None) -> None:
        if pending is not None:
            self._pending[armed.number].remove(pending)
        armed.fired.append(round(asyncio.get_running_loop().time() - self._began, 6))
        if armed.trigger.times and len(armed.fired) >= armed.trigger.times:
            self._end(armed)
        self.fired[armed.fault] += 1
        for watcher in self._watchers:
            watcher(armed)

    def _end(self, armed: Armed) -> None:
        armed.active = False
        self._stop(armed)

    def _stop(self, armed: Armed) -> None:
        """Set nothing more going."""
        self._stops.pop(armed.number, _nothing)()


def _nothing() -> None:
    return None
