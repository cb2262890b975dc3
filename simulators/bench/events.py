"""What visibly happens on a bench, numbered, for readers that come and go.

The log keeps the last `KEPT` events. A reader holds no more than a number, so one that is slow or gone can't hurt; it
is told how many events it missed. No PIN digit and no track is in an event.
"""

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from enum import StrEnum
from functools import partial
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from simulators.bench.faults import Armed
from simulators.bench.hardware import Hardware
from simulators.world.custody import Note
from simulators.world.faults import CATALOGUE

KEPT: Final = 10_000

STAFF: Final = "staff"
"""The place of notes that staff carry."""


class Kind(StrEnum):
    """What happened."""

    CARD_INSERTED = "card.inserted"
    CARD_AT_GATE = "card.at_gate"
    CARD_TAKEN = "card.taken"
    CARD_CAPTURED = "card.captured"
    KEY_PRESSED = "key.pressed"
    NOTE_MOVED = "note.moved"
    RECEIPT_AT_SLOT = "receipt.at_slot"
    RECEIPT_TORN_OFF = "receipt.torn_off"
    POWER = "power"
    LINE = "line"
    HANDS = "hands"
    CHANGED = "changed"
    FAULT_ARMED = "fault.armed"
    FAULT_FIRED = "fault.fired"
    FAULT_DISARMED = "fault.disarmed"


EXAMPLE: Final[dict[str, JsonValue]] = {
    "number": 17,
    "at": "2026-11-23T09:00:04.250+08:00",
    "kind": Kind.CARD_AT_GATE,
    "device": "card_reader",
    "words": "card jia stands at the gate",
    "data": {"card": "jia"},
}


class Event(BaseModel):
    """One thing that happened: its number from 1, the time, the device, words for people, and data for programs."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"examples": [EXAMPLE]})

    number: int = Field(description="Counts from 1; ask for what came `since` a number.")
    at: str = Field(description="Wall clock of the bench, ISO 8601.")
    kind: Kind
    device: str = Field(description="The device it happened at; empty when it concerns all.")
    words: str
    data: dict[str, str | int | bool] = Field(default_factory=dict)


class EventLog:
    """The events of one bench. `now` tells the time as text."""

    def __init__(self, now: Callable[[], str], kept: int = KEPT) -> None:
        self._now = now
        self._events: deque[Event] = deque(maxlen=kept)
        self._last = 0
        self._closed = False
        self._news = asyncio.Event()

    @property
    def last(self) -> int:
        """The number of the latest event; 0 before the first."""
        return self._last

    @property
    def closed(self) -> bool:
        """Nothing will be noted any more."""
        return self._closed

    def note(self, kind: Kind, device: str, words: str, data: Mapping[str, str | int | bool] | None = None) -> None:
        """Write an event down and wake who waits."""
        self._last += 1
        self._events.append(
            Event(
                number=self._last,
                at=self._now(),
                kind=kind,
                device=device,
                words=words,
                data=dict(data or {}),
            )
        )
        self._wake()

    def close(self) -> None:
        """End every reader: the bench goes."""
        self._closed = True
        self._wake()

    def since(self, number: int) -> list[Event]:
        """The events after `number` that are still kept, oldest first."""
        missing = self._last - max(number, 0)
        return list(self._events)[-missing:] if missing > 0 else []

    def lost(self, number: int) -> int:
        """How many events after `number` are kept no more."""
        oldest = self._events[0].number if self._events else self._last + 1
        return max(0, oldest - max(number, 0) - 1)

    async def news(self, number: int) -> None:
        """Wait until there is an event after `number`, or the log is closed."""
        while self._last <= number and not self._closed:
            await self._news.wait()

    async def follow(self, number: int = 0) -> AsyncIterator[Event]:
        """Every event after `number`, until the log is closed; events that are kept no more are left out."""
        while True:
            for event in self.since(number):
                number = event.number
                yield event
            if self._closed:
                return
            await self.news(number)

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()


class Watch:
    """Looks at the devices of a bench and writes down what changes by itself.

    A word of a snapshot that changes is told, a counter in it is not: notes and receipts have events of their own.
    """

    def __init__(self, hardware: Hardware, log: EventLog) -> None:
        self._hardware = hardware
        self._log = log
        self._facts = {role: device.snapshot() for role, device in hardware.simulated.items()}
        self._at_gate = hardware.reader.card_at_gate
        self._captured = len(hardware.reader.captured)
        self._at_slot = hardware.printer.receipt_at_slot
        hardware.custody.watch(self._note_moved)
        hardware.scene.watch(self._look)
        hardware.injector.watch(self._fault_fired)
        for role, line in hardware.lines.items():
            line.watch(partial(self._line_changed, role))

    def _note_moved(self, note: Note, place: str, to: str) -> None:
        if STAFF in (place, to):
            return  # told as one act, however many notes staff carry
        self._log.note(
            Kind.NOTE_MOVED,
            "cash_dispenser",
            f"{note.denomination} yuan {note.serial}: {place} to {to}",
            {"denomination": note.denomination, "serial": note.serial, "from": place, "to": to},
        )

    def _line_changed(self, role: str, plugged: bool) -> None:
        words = "the line is plugged in" if plugged else "the line is unplugged"
        self._log.note(Kind.LINE, role, words, {"plugged": plugged})

    def _fault_fired(self, armed: Armed) -> None:
        words = f"fault {armed.fault} strikes: {CATALOGUE[armed.fault][1]}"
        self._log.note(Kind.FAULT_FIRED, armed.device, words, {"number": armed.number, "fault": armed.fault})

    def _look(self) -> None:
        self._look_at_card()
        self._look_at_slot()
        for role, device in self._hardware.simulated.items():
            before, self._facts[role] = self._facts[role], device.snapshot()
            for fact, value in self._facts[role].items():
                if _words_of(before.get(fact, "")) != _words_of(value):
                    data = {"what": fact, "before": before.get(fact, ""), "after": value}
                    self._log.note(Kind.CHANGED, role, f"{fact}: {value or 'nothing'}", data)

    def _look_at_card(self) -> None:
        reader = self._hardware.reader
        before, self._at_gate = self._at_gate, reader.card_at_gate
        if self._at_gate is not None and self._at_gate is not before:
            label = self._at_gate.label
            self._log.note(Kind.CARD_AT_GATE, "card_reader", f"card {label} stands at the gate", {"card": label})
        captured, self._captured = self._captured, len(reader.captured)
        for card in reader.captured[captured:]:
            words = f"card {card.label} falls into the capture box"
            self._log.note(Kind.CARD_CAPTURED, "card_reader", words, {"card": card.label})

    def _look_at_slot(self) -> None:
        before, self._at_slot = self._at_slot, self._hardware.printer.receipt_at_slot
        if self._at_slot is not None and self._at_slot is not before:
            self._log.note(Kind.RECEIPT_AT_SLOT, "receipt_printer", "a receipt hangs from the slot")


def _words_of(value: str) -> str:
    return re.sub(r"\d+", "", value)
