"""Every cut there is: one visit, cut at each of its places in each way, and cut again while the kiosk comes back."""

import asyncio
import gc
import multiprocessing
import os
import random
import signal
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Final

import apsw

from simulators.campaign import cuts
from simulators.campaign.cuts import DISK, STEP
from simulators.campaign.forks import Forks
from simulators.campaign.run import Outcome, Run
from simulators.campaign.tape import Act, Cut, Tape, Visit
from terminal.journal import Entry
from terminal.view import Screen

TEARINGS: Final = 4
"""Ways in which unsynced writes are torn, at each operation of the disk."""

RECOVERY: Final = 60.0
"""Seconds after a cut in which a second one is tried, unless the kiosk is ready before."""


@dataclass(frozen=True, slots=True)
class Found:
    """What came of one cut; `failure` is why the simulation itself came to no end, and then there is no outcome."""

    tape: Tape
    outcome: Outcome | None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """Which of all cuts to try: every `every`-th, and again at every `again`-th place of a recovery (0: never).

    `seed` says with which one to begin.
    """

    every: int = 1
    again: int = 0
    seed: int = 1


_VISITS: Final[Mapping[str, Visit]] = {
    "withdraw": Visit(person=0),
    "nobody-waits": Visit(person=0, lingers=0.0),
    "card-left": Visit(person=0, walks_away_at=Screen.TAKE_CARD, comes_back=False),
    "reply-lost": Visit(person=0, acts=(Act(fault="D1", after=12.0, options={"reply": True}),)),
    "declined": Visit(person=0, wrong_pins=3),
    "cassette-empty": Visit(person=0, amount=1300, acts=(Act(fault="C5", target="cash_dispenser", after=5.0),)),
    "two-cassettes": Visit(person=0, amount=1300),
    "double-pick": Visit(
        person=0, acts=(Act(fault="C2", target="cash_dispenser", options={"cassette": 1, "pick": 2}),)
    ),
    "pick-fails": Visit(person=0, acts=(Act(fault="C1", target="cash_dispenser", options={"cassette": 1, "pick": 3}),)),
    "jam": Visit(person=0, acts=(Act(fault="C3", target="cash_dispenser", options={"cassette": 1, "pick": 3}),)),
}

TRANSFERRING: Final = ("transfer", "type", "#500", "pay", "print", "return_card")
"""What is touched for a transfer of 500 yuan, with a slip."""

_TRANSFERS: Final[Mapping[str, Tape]] = {
    "transfer": Tape(seed=1, visits=(Visit(person=0, path=TRANSFERRING, amount=0),)),
    "transfer-reply-lost": Tape(
        seed=1,
        visits=(
            Visit(
                person=0,
                path=TRANSFERRING,
                amount=0,
                acts=(Act(fault="D1", at=Entry.HOST_REPLY, options={"reply": True}),),
            ),
        ),
    ),
    "transfer-bank-silent": Tape(
        seed=1, visits=(Visit(person=0, path=TRANSFERRING, amount=0, acts=(Act(fault="D24"),)),)
    ),
    "pages": Tape(
        seed=1,
        service_line=True,
        visits=(Visit(person=0, reads=("information", "topics"), path=("account", "history", "print", "menu")),),
    ),
}

_PRESENTED: Final[Mapping[str, Visit]] = {
    "part-taken": Visit(person=0, notes_taken=2),
    "not-taken": Visit(person=0, walks_away_at=Screen.TAKE_CASH, comes_back=False, lingers=0.0),
}
"""What only a dispenser with a shutter and a retract area can see."""

_MODELS: Final = {
    "": ("puloon-lcdm-4000", _VISITS),
    "lcdm-2000-": ("puloon-lcdm-2000", _VISITS),
    "f56-": ("fujitsu-f56", {**_VISITS, **_PRESENTED}),
}

SCENARIOS: Final[Mapping[str, Tape]] = {
    prefix + name: Tape(
        seed=1, dispenser=model, notes=(10, 200) if name == "two-cassettes" else (200, 200), visits=(visit,)
    )
    for prefix, (model, visits) in _MODELS.items()
    for name, visit in visits.items()
} | {
    **_TRANSFERS,
    "day-end": Tape(seed=1, day_end="09:02", visits=(Visit(person=0), Visit(person=1, gap=100.0))),
    "day-end-transfer": Tape(
        seed=1, day_end="09:02", visits=(Visit(person=0, path=TRANSFERRING, amount=0), Visit(person=1, gap=100.0))
    ),
}
"""Visits, by name; and the end of a day between two of them."""


@dataclass(slots=True)
class Places:
    """What a scenario has, place by place, and how many cuts an order makes of it (without second ones)."""

    reached: Counter[str] = field(default_factory=Counter)
    wanted: int = 0


def places(scenario: str, order: Order = Order()) -> Places:  # frozen
    """Play a scenario once, without a cut, and count. Raises KeyError."""
    found = Places()

    class Count:
        def at(self, place: str, first: int, count: int) -> None:
            if not run.settling:
                found.reached[place] += count
                for _ in range(count * len(cuts.ways(place, TEARINGS))):
                    found.wanted += (sum(numbers.values()) + order.seed) % order.every == 0
                    numbers[place] += 1

    numbers = Counter[str]()
    run = Run(SCENARIOS[scenario])
    run.prepared.append(lambda run: cuts.watch(run.rig, Count()))
    run.play()
    return found


def run(scenario: str, processes: int, order: Order = Order()) -> Iterator[Found]:  # frozen
    """What came of each cut, in no particular order; the first is the run without a cut.

    Whoever stops asking ends all processes.
    """
    context = multiprocessing.get_context("spawn")
    ear, mouth = context.Pipe(duplex=False)
    trunk = context.Process(target=_explore, args=(mouth, scenario, processes, order))
    trunk.start()
    mouth.close()
    try:
        while True:
            try:
                yield ear.recv()
            except EOFError:
                return
    finally:
        with suppress(ProcessLookupError):
            os.killpg(trunk.pid or 0, signal.SIGKILL)
        trunk.join()


def _explore(mouth: Connection, scenario: str, processes: int, order: Order) -> None:
    os.setpgid(0, 0)  # Ctrl-C is for the one who asks; who ends this process ends its branches with it
    apsw.shutdown()
    apsw.config(apsw.SQLITE_CONFIG_SINGLETHREAD)  # a branch begun inside SQLite could not take its locks again
    apsw.initialize()
    tape = SCENARIOS[scenario]
    Run(tape).play()  # what is loaded and remembered then need not be in each branch
    gc.collect()
    gc.freeze()
    gc.disable()
    forks = Forks(processes, mouth.send)
    explorer = Explorer(forks, tape, order)
    run = Run(tape)
    run.prepared.append(explorer.join_run)
    try:
        found = Found(tape, run.play())
    except Exception:
        found = Found(explorer.tape, None, traceback.format_exc())
    if forks.is_branch:
        forks.end(Found(explorer.tape, found.outcome, found.failure))
    mouth.send(found)
    forks.join()


class Explorer:
    """Decides to cut, and not to cut, in a process each."""

    def __init__(self, forks: Forks, tape: Tape, order: Order) -> None:
        self.tape = tape
        self._forks = forks
        self._order = order
        self._every = order.every
        self._index = order.seed
        self._cuts: list[Cut] = []
        self._until = float("inf")

    def join_run(self, run: Run) -> None:
        """Look at the places of this run."""
        self._run = run
        cuts.watch(run.rig, self)

    def at(self, place: str, first: int, count: int) -> tuple[int, Cut] | None:
        """See `cuts.Decision`."""
        if not self._every or self._is_over(place):
            return None
        for offset in range(count):
            for way in cuts.ways(place, TEARINGS):
                self._index += 1
                if self._index % self._every == 0:
                    cut = way(first + offset)
                    tape = self._with(cut)
                    if self._forks.branch(Found(tape, None, "it ended without a word, or took too long")):
                        self._struck(cut, tape)
                        return offset, cut
        return None

    def _is_over(self, place: str) -> bool:
        if not self._cuts:
            return self._run.settling
        rig = self._run.rig
        ready = rig.alive and rig.place.session.view.screen is Screen.IDLE
        return ready or place not in (STEP, DISK) or asyncio.get_running_loop().time() > self._until

    def _struck(self, cut: Cut, tape: Tape) -> None:
        second = bool(self._cuts)
        self._cuts.append(cut)
        self.tape = self._run.tape = tape
        self._until = asyncio.get_running_loop().time() + RECOVERY
        self._every = 0 if second else self._order.again
        self._index = random.Random(tape.model_dump_json()).randrange(self._every or 1)  # noqa: S311  # repeatable

    def _with(self, last: Cut) -> Tape:
        cut = last
        for earlier in reversed(self._cuts):
            cut = earlier.model_copy(update={"then": cut})
        return self.tape.model_copy(update={"cut": cut})
