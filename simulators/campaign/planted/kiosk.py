"""Planted bugs of the session: the card, the screens, the receipt, the PIN, and jobs that get lost."""

import asyncio
import logging
import random
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from drivers.interfaces import EntryCompletion
from simulators.campaign.planted.bug import Patch, Planted, changed, instead, silent, without
from terminal import effects, printing, stage, startup, views
from terminal.effects import Effects
from terminal.faults import Fault
from terminal.jobs import ending, pin
from terminal.jobs.cash import CashJobs
from terminal.jobs.customer import Customer
from terminal.jobs.pin import PinJobs
from terminal.journal import Entry, Journal
from terminal.stage import Stage
from terminal.states import TRANSITIONS, Event, State, Transition
from terminal.withdrawal import Withdrawal

CARD_JOBS: Final = "terminal/jobs/card.py"
CASH_JOBS: Final = "terminal/jobs/cash.py"
PIN_JOBS: Final = "terminal/jobs/pin.py"
STAGE: Final = "terminal/stage.py"
STATES: Final = "terminal/states.py"

S, E = State, Event


def _table(*rows: Transition) -> Patch:
    """These rows instead of those for the same state and event."""
    new = {(row.source, row.event): row for row in rows}
    table = tuple(new.get((row.source, row.event), row) for row in TRANSITIONS)
    return changed(stage, "TRANSITIONS", instead(table))


def _cash_before_card() -> Patch:
    return _table(
        Transition(S.STACKING, E.NOTES_STACKED, S.PRESENTING, "present"),
        Transition(S.AUTHORISING, E.APPROVED, S.DISPENSING, "dispense"),
    )


def _faults_lost() -> Patch:
    def make(before: Any) -> Any:
        async def work_(self: Any, job: Any, waits: Any) -> None:
            async def quiet() -> Event | None:
                try:
                    return await job()  # type: ignore[no-any-return]
                except Fault:
                    return None

            await before(self, quiet, waits)

        return work_

    return changed(Stage, "_work", make)


def _event_lost(lost: Event) -> Patch:
    return changed(Stage, "post", lambda before: lambda self, event: None if event is lost else before(self, event))


def _chance_decides() -> Patch:
    """The order of a set that differs from one process to the next, so to say."""

    def make(before: Any) -> Any:
        async def start(equipment: Any) -> Event:
            for device in random.SystemRandom().sample([equipment.pad, equipment.printer], 2):
                await device.status()
            return await before(equipment)  # type: ignore[no-any-return]

        return start

    return changed(effects, "start", make)


def _wall_clock_deadlines() -> Patch:
    """A time limit of the screen is over when the wall clock says so."""

    def make(before: Any) -> Any:
        def show(self: Any, view: Any, limit: float | None = None, *, timed_by_job: bool = False) -> None:
            before(self, view, limit, timed_by_job=timed_by_job)
            if limit is None or timed_by_job:
                return
            self._timer.cancel()
            now = self._machine._model._effects._equipment.journal._now
            end, loop = now().timestamp() + limit, asyncio.get_running_loop()

            def look() -> None:
                if now().timestamp() >= end:
                    self.post(Event.TIMED_OUT)
                else:
                    self._timer = loop.call_later(1, look)

            self._timer = loop.call_later(1, look)

        return show

    return changed(Stage, "show", make)


def _pin_in_clear() -> Patch:
    """The PIN is entered as an amount is: the pad tells each digit."""

    async def typing_pin(self: Any) -> Event:
        pad, limit = self._equipment.pad, self.limits.pin
        entered = await pad.data_entry(
            max_len=pin.PIN_DIGITS,
            timeout=limit,
            on_key=lambda key, _: self._pin_key(key),
            on_ready=lambda: self._stage.show(views.pin(None), limit, timed_by_job=True),
        )
        return Event.TIMED_OUT if entered.completion is EntryCompletion.TIME_OUT else Event.CANCELLED

    return changed(PinJobs, "typing_pin", instead(typing_pin))


def _track_logged() -> Patch:
    def make(before: Any) -> Any:
        async def quoting(self: Any) -> Event:
            logging.getLogger("medteller").debug("card read: %s", self._customer.card.track2 or self._customer.card.pan)
            return await before(self)  # type: ignore[no-any-return]

        return quoting

    return changed(PinJobs, "quoting", make)


def _pan_in_journal() -> Patch:
    """In groups with dots, so that no filter knows it for a number."""

    def make(before: Any) -> Any:
        def record(self: Any, entry: Entry, **data: Any) -> None:
            if entry is Entry.CARD_READ:
                data["card"] = ".".join(_fours(self.card.pan))
            before(self, entry, **data)

        return record

    return changed(Customer, "record", make)


def _fours(digits: str) -> Iterable[str]:
    return (digits[at : at + 4] for at in range(0, len(digits), 4))


def _asked_is_shown() -> Patch:
    def make(before: Any) -> Any:
        def take_cash(amount_fen: int, notes: str) -> Any:
            return before(amount_fen + 100_00, notes)

        return take_cash

    return changed(views, "take_cash", make)


def _receipt(change: Any) -> Patch:
    def make(before: Any) -> Any:
        def data(equipment: Any, visit: Any, *rest: Any) -> Any:
            return change(before(equipment, visit, *rest))

        return data

    return changed(printing, "_data", make)


def _receipt_says_asked(data: Any) -> Any:
    return data if data.amount_asked is None else replace(data, amount_paid=data.amount_asked)


def _receipt_balance(data: Any) -> Any:
    return data if data.balance is None else replace(data, balance=data.balance + data.amount_paid)


def _last_card_used() -> Patch:
    """Who comes second draws from the account of who came first."""

    def make(before: Any) -> Any:
        def init(self: Any, equipment: Any, visit: str, card: Any, *rest: Any) -> None:
            first = getattr(equipment, "first_card", card)
            object.__setattr__(equipment, "first_card", first)
            before(self, equipment, visit, first, *rest)

        return init

    return changed(Withdrawal, "__init__", make)


def _offers_too_much() -> Patch:
    def possible(self: Any) -> Any:
        return [amount * 100_00 for amount in range(1, 21)]

    return changed(Withdrawal, "possible", instead(possible))


def _left_card_is_taken() -> Patch:
    return _table(
        Transition(S.RELEASING_CARD, E.CARD_LEFT, S.PRESENTING, "present"),
        Transition(S.RETURNING_CARD, E.CARD_LEFT, S.DISPENSING, "dispense"),
    )


def _card_kept_silently() -> Patch:
    return changed(Customer, "record", without(Entry.CAPTURE_INTENT, Entry.CARD_CAPTURED))


def _found_card_kept_silently() -> Patch:
    def make(before: Any) -> Any:
        async def empty(equipment: Any, left: Any) -> None:
            written = equipment.journal.write
            equipment.journal.write = lambda kind, *rest, **more: (
                None if kind in (Entry.CAPTURE_INTENT, Entry.CARD_CAPTURED) else written(kind, *rest, **more)
            )
            try:
                await before(equipment, left)
            finally:
                del equipment.journal.write

        return empty

    return changed(startup, "_empty_reader", make)


def _amount_of_the_mix() -> Patch:
    """The amount that was typed is taken for fen after it was checked."""

    def make(before: Any) -> Any:
        async def typing_amount(self: Any) -> Event:
            event: Event = await before(self)
            if event is Event.AMOUNT_CHOSEN:
                self._customer.withdrawal.amount_fen += 100_00
            return event

        return typing_amount

    return changed(CashJobs, "typing_amount", make)


def _shutter_not_looked_at() -> Patch:
    return changed(startup, "_clear", instead(lambda _: True))


def _no_receipt() -> Patch:
    async def said_to_be_printed(*_: Any) -> bool:
        return True

    return changed(ending, "print_receipt", instead(said_to_be_printed))


def _visits_overlap() -> Patch:
    def make(before: Any) -> Any:
        def write(self: Any, kind: Any, transaction: str | None = None, **data: Any) -> Any:
            return before(self, kind, "visit-000001" if transaction else None, **data)

        return write

    return changed(Journal, "write", make)


BUGS: Final = (
    Planted("M13", "a fault ends a job, and nobody is told", STAGE, _faults_lost, (15,)),
    Planted("M26", "notes are presented before the card is taken", STATES, _cash_before_card, (8, 15, 19)),
    Planted("M37", "time limits of the screens follow the wall clock", STAGE, _wall_clock_deadlines, (15,)),
    Planted("M40", "a card is kept and no record says so", CARD_JOBS, _card_kept_silently, (10,)),
    Planted("M41", "the card's track is written to the log", PIN_JOBS, _track_logged, (11,)),
    Planted("M42", "the PIN is entered as an amount is", PIN_JOBS, _pin_in_clear, (11, 15)),
    Planted("M43", "nobody looks at the exit between customers", "terminal/startup.py", _shutter_not_looked_at, (14,)),
    Planted(
        "M46", "chance decides the order in which devices are asked", "terminal/startup.py", _chance_decides, (16,)
    ),
    Planted("K40", "the card number is in the journal, in groups", CARD_JOBS, _pan_in_journal, (11,)),
    Planted("K41", "the screen names another amount than comes out", "terminal/views.py", _asked_is_shown, (17,)),
    Planted(
        "K42",
        "the receipt says that what was asked was paid",
        "terminal/printing.py",
        lambda: _receipt(_receipt_says_asked),
        (17,),
    ),
    Planted("K110", "a receipt is said to be printed and is not", "terminal/jobs/ending.py", _no_receipt, (17,)),
    Planted(
        "K43",
        "the receipt forgets to take the draw off the balance",
        "terminal/printing.py",
        lambda: _receipt(_receipt_balance),
        (17,),
    ),
    Planted(
        "K44", "the first person's card is used for everybody", "terminal/withdrawal.py", _last_card_used, (15, 20)
    ),
    Planted("K45", "amounts are offered that nothing allows", "terminal/withdrawal.py", _offers_too_much, (17,)),
    Planted("K46", "notes come although the card was left", STATES, _left_card_is_taken, (8, 19)),
    Planted("K47", "a time-out of a screen is lost", STAGE, lambda: _event_lost(Event.TIMED_OUT), (15,)),
    Planted("K48", "the end of a visit is recorded for the first one", "terminal/journal.py", _visits_overlap, (5, 9)),
    Planted("K49", "what was typed is raised after it was checked", CASH_JOBS, _amount_of_the_mix, (17,)),
    Planted(
        "K50",
        "a card that a start finds is kept and no record says so",
        "terminal/startup.py",
        _found_card_kept_silently,
        (10,),
    ),
    Planted(
        "K51",
        "an approval is not given back when the card is left",
        "terminal/withdrawal.py",
        lambda: changed(Withdrawal, "call_off", silent),
        (9,),
    ),
    Planted(
        "K52",
        "a card that was taken is forgotten, and the next one is not awaited",
        "terminal/effects.py",
        lambda: changed(Effects, "await_card", silent),
        (15,),
    ),
)
"""Of the session."""
