"""What happened in one run, in plain words and in order: customers, faults, power, screens, records, wires, rules."""

import asyncio
import traceback
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from drivers.trace import Sender, TraceRecord
from simulators.bench.story import Repeats
from simulators.campaign import catalogue
from simulators.campaign.invariants import Violation
from simulators.campaign.job import FAILED
from simulators.campaign.run import Outcome, Run
from simulators.campaign.tape import Tape
from terminal.journal import Journal, Record
from terminal.texts import render

BEFORE: Final = 1.0
AFTER: Final = 4.0
"""Seconds around a fault in which every message is told."""

LAST: Final = 12
"""Messages told before a rule was broken, whatever they are."""

SHOWN_BYTES: Final = 24
"""Bytes of a message shown in hex."""

SHOWN_DATA: Final = 200
"""Characters shown of a journal record."""


QUIET: Final = frozenset({"receipt_printer"})
"""Ports with much to say and little to learn, told only where something is done to them."""


class Voice(StrEnum):
    """Who or what a line is about."""

    CUSTOMER = "customer"
    STAFF = "staff"
    FAULT = "FAULT"
    PROGRAM = "program"
    SCREEN = "screen"
    JOURNAL = "journal"
    WIRE = "wire"
    RULE = "BROKEN"


@dataclass(frozen=True, slots=True)
class Line:
    """At so many seconds of the run."""

    at: float
    voice: Voice
    words: str


@dataclass(frozen=True, slots=True)
class Story:
    """A run that was followed. `outcome` is None when the simulation failed; `details` is the traceback then."""

    tape: Tape
    outcome: Outcome | None
    violations: tuple[Violation, ...]
    lines: tuple[Line, ...]
    details: str = ""

    def text(self) -> Iterator[str]:
        """Line by line."""
        yield f"a kiosk with a {self.tape.dispenser}, seed {self.tape.seed}; planned were:"
        for number, visit in enumerate(self.tape.visits, 1):
            yield f"  visit {number}: {visit.words()}"
            yield from (f"    fault {act.words()} - {catalogue.WORDS.get(act.fault, '')}" for act in visit.acts)
        yield ""
        for line in self.lines:
            yield f"{line.at:9.3f} s  {line.voice:8}  {line.words}"
        if self.details:
            yield ""
            yield from self.details.splitlines()


def tell(tape: Tape, *, language: str = "en") -> Story:
    """Play a tape and follow it. What is followed changes nothing: the trace hash is the one of any other run."""
    run, chronicle = Run(tape), Chronicle(language)
    run.prepared.append(chronicle.follow)
    try:
        outcome = run.play()
    except Exception as error:
        failure = Violation(FAILED, chronicle.now(), f"the simulation failed: {type(error).__name__}: {error}")
        return Story(tape, None, (failure,), chronicle.lines((failure,)), traceback.format_exc())
    return Story(tape, outcome, outcome.violations, chronicle.lines(outcome.violations))


class Chronicle:
    """Writes down what happens in a run. Screens are told in `language`."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._lines: list[Line] = []
        self._messages: list[TraceRecord] = []
        self._faults: list[float] = []
        self._shown: tuple[str, str] | None = None
        self._last_act = ""
        self._starts = 0
        self._quiet: frozenset[str | None] = QUIET
        self._run: Run | None = None

    def follow(self, run: Run) -> None:
        """From before the first start on."""
        self._run = run
        rig = run.rig
        rig.place.tell = self._customer
        run.staff.came = lambda: self._write(Voice.STAFF, "stop the program, mend, empty, count, and start it again")
        rig.on_fault.append(self._fault)
        rig.started.append(self._started)
        rig.heard.append(self._record)
        rig.scene.watch(self._look)
        self._quiet = QUIET - {act.target for visit in run.tape.visits for act in visit.acts}
        rig.tracer.add(self._hear)

    def now(self) -> float:
        """Seconds of the run; after its end, of the last thing that was told."""
        return max((line.at for line in self._lines), default=0.0)

    def lines(self, violations: tuple[Violation, ...]) -> tuple[Line, ...]:
        """All of it in order, with those messages that may matter."""
        broken = [Line(each.at, Voice.RULE, f"rule {each.invariant}: {each.words}") for each in violations]
        return tuple(sorted([*self._lines, *_wires(self._near(violations)), *broken], key=lambda line: line.at))

    def _near(self, violations: tuple[Violation, ...]) -> list[TraceRecord]:
        times = [message.t for message in self._messages]
        told: set[int] = set()
        for at in self._faults:
            told.update(range(bisect_left(times, at - BEFORE), bisect_left(times, at + AFTER)))
        for violation in violations:
            end = bisect_left(times, violation.at)
            told.update(range(max(0, end - LAST), end))
        return [self._messages[number] for number in sorted(told)]

    def _write(self, voice: Voice, words: str) -> None:
        self._lines.append(Line(asyncio.get_running_loop().time(), voice, words))

    def _customer(self, words: str) -> None:
        if words != self._last_act:  # who has walked away goes on having walked away
            self._last_act = words
            self._write(Voice.CUSTOMER, words)

    def _hear(self, record: TraceRecord) -> None:
        if record.port not in self._quiet:
            self._messages.append(record)

    def _fault(self, fault: str) -> None:
        self._faults.append(asyncio.get_running_loop().time())
        self._write(Voice.FAULT, f"{fault}: {catalogue.WORDS.get(fault, '')}")

    def _started(self, journal: Journal) -> None:
        self._starts += 1
        kept = sum(1 for _ in journal.records())
        self._write(Voice.PROGRAM, f"starts, for the {self._starts}. time; its journal has {kept} records")

    def _record(self, record: Record) -> None:
        data = "  ".join(f"{name}={value}" for name, value in record.data.items() if name != "sealed")
        if len(data) > SHOWN_DATA:
            data = f"{data[:SHOWN_DATA]} …"
        self._write(Voice.JOURNAL, f"{record.seq} {record.kind} {record.transaction or ''} {data}".rstrip())

    def _look(self) -> None:
        assert self._run is not None
        view = self._run.rig.place.session.view
        shown = (view.screen.value, render(view.title, self._language))
        if shown != self._shown:
            self._shown = shown
            self._write(Voice.SCREEN, f"{shown[0]}: {shown[1]}")


def _wires(messages: list[TraceRecord]) -> list[Line]:
    """What was said; an exchange that only repeats the one before is counted."""
    lines: list[Line] = []

    def tell(record: TraceRecord) -> None:
        arrow = "→" if record.direction is Sender.HOST else "←"
        shown = record.hex if len(record.hex) <= 3 * SHOWN_BYTES else f"{record.hex[: 3 * SHOWN_BYTES - 1]} …"
        lines.append(Line(record.t, Voice.WIRE, f"{record.port:15} {arrow} {record.note} [{shown}]"))

    def told_again(port: str, times: int) -> None:
        lines.append(Line(lines[-1].at, Voice.WIRE, f"{port:15} … {times} times more"))

    by_port: dict[str, Repeats] = {}
    for record in messages:
        by_port.setdefault(record.port, Repeats(tell, told_again))(record)
    for repeats in by_port.values():
        repeats.flush()
    return lines
