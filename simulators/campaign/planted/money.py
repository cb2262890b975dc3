"""Planted bugs of the one cash transaction: intents, counts, evidence, suspense, recovery."""

from typing import Any, Final

from drivers.interfaces import Dispensed, Done, Refused, Unknown
from simulators.campaign.planted.bug import Patch, Planted, changed, instead, silent, together, without
from terminal import dispense_record, effects, evidence, interrupted, recovery, withdrawal
from terminal.bundle import Bundle, Phase, Verdict
from terminal.cash_units import CashUnits
from terminal.evidence import Evidence
from terminal.journal import Entry
from terminal.money_line import MoneyLine
from terminal.presenter import Presenter, Reach
from terminal.recovery import Remains
from terminal.visit_ending import Ending
from terminal.withdrawal import Withdrawal

WITHDRAWAL: Final = "terminal/withdrawal.py"
PRESENTER: Final = "terminal/presenter.py"
RECOVERY: Final = "terminal/recovery.py"

_INTENTS: Final = (Entry.DISPENSE_INTENT, Entry.STACK_INTENT, Entry.PRESENT_INTENT, Entry.RETRACT_INTENT)
_ASKED: Final = (Entry.DISPENSE_INTENT, Entry.STACK_INTENT)


def _intent_after() -> Patch:
    """The record is written when the motion has ended."""

    def record(before: Any) -> Any:
        def held_back(self: Any, entry: Entry, **data: Any) -> None:
            if entry in _INTENTS:
                self.held_back = entry, data
            else:
                before(self, entry, **data)

        return held_back

    def outcome(write: Any) -> Any:
        def make(before: Any) -> Any:
            async def moved(self: Any, *motion: Any) -> Any:
                ended = await before(self, *motion)
                entry, data = self.held_back
                write(self, entry, **data)
                return ended

            return moved

        return make

    return together(
        changed(Withdrawal, "_outcome", outcome(Withdrawal._record)),
        changed(Presenter, "_outcome", outcome(Presenter._record)),
        changed(Withdrawal, "_record", record),
        changed(Presenter, "_record", record),
    )


def _no_intent() -> Patch:
    return together(
        changed(Withdrawal, "_record", without(Entry.DISPENSE_INTENT)),
        changed(Presenter, "_record", without(Entry.PRESENT_INTENT, Entry.RETRACT_INTENT, Entry.REJECT_INTENT)),
    )


def _judged(self: Any, verdict: Verdict) -> None:
    self._record(Entry.NOTES_JUDGED, verdict=verdict, state="unknown", units=None)


def _recovers_without_asking() -> Patch:
    async def recover(self: Any, _: float) -> None:
        _judged(self, Verdict.NOTHING_STACKED)

    return together(
        changed(Presenter, "recover", lambda _: recover),
        changed(
            Remains,
            "apply",
            lambda before: lambda self, record: None if record.kind == Entry.DISPENSE_INTENT else before(self, record),
        ),
    )


def _resets_first() -> Patch:
    def make(before: Any) -> Any:
        async def start(equipment: Any) -> Any:
            await equipment.dispenser.reset()
            return await before(equipment)

        return start

    return changed(effects, "start", make)


def _judge(wrong: dict[Verdict, Verdict]) -> Patch:
    def make(before: Any) -> Any:
        def judge(bundle: Any, told: Evidence) -> Verdict:
            verdict: Verdict = before(bundle, told)
            return wrong.get(verdict, verdict)

        return judge

    return changed(evidence, "judge", make)


def _unknown_is_not_presented() -> Patch:
    def make(before: Any) -> Any:
        async def by_evidence(self: Any, cause: str) -> Reach:
            if self.bundle.phase is not Phase.PRESENT_UNKNOWN:
                return await before(self, cause)  # type: ignore[no-any-return]
            _judged(self, Verdict.NOTHING_STACKED)
            self._settle()
            return Reach.ENDED

        return by_evidence

    return changed(Presenter, "_by_evidence", make)


def _retract_credited() -> Patch:
    async def retract(self: Any) -> None:
        self._record(Entry.RETRACT_INTENT)
        ended = await self._outcome(self._equipment.dispenser.retract())
        self._record(Entry.RETRACT_DONE, counted=ended.result if isinstance(ended, Done) else None, presented=0)
        _judged(self, Verdict.NOTHING_STACKED)
        self._settle()

    return changed(Presenter, "retract", lambda _: retract)


def _serves_on() -> Patch:
    """What has to be counted closes nothing."""
    preparing = [False]

    def make(before: Any) -> Any:
        async def prepare(equipment: Any) -> Any:
            equipment.suspended, preparing[0] = False, True
            try:
                return await before(equipment)
            finally:
                preparing[0] = False

        return prepare

    def approvals(before: Any) -> Any:
        return property(lambda self: () if preparing[0] else before.fget(self))

    return together(changed(effects, "prepare", make), changed(MoneyLine, "open_approvals", approvals))


def _stacks_twice() -> Patch:
    def make(before: Any) -> Any:
        async def stack(self: Any) -> bool:
            return bool(await before(self) or await before(self))

        return stack

    def again(before: Any) -> Any:
        async def outcome(self: Any) -> Any:
            ended = await before(self)
            return await before(self) if isinstance(ended, Refused) else ended

        return outcome

    return together(changed(Presenter, "stack", make), changed(Withdrawal, "_outcome", again))


def _part_reversed() -> Patch:
    def make(before: Any) -> Any:
        def settle(self: Any, dispensed: Dispensed) -> bool | None:
            paid = dispense_record.worth_fen(dispensed, self._equipment.cash)
            part = paid < self._approved.amount_fen
            return before(self, Dispensed({}) if part else dispensed)  # type: ignore[no-any-return]

        return settle

    return changed(Withdrawal, "_settle", make)


def _unknown_is_nothing() -> Patch:
    def make(before: Any) -> Any:
        async def outcome(self: Any, *motion: Any) -> Any:
            ended = await before(self, *motion)
            return Done(Dispensed({})) if isinstance(ended, Unknown) else ended

        return outcome

    return changed(Withdrawal, "_outcome", make)


def _short_is_complete() -> Patch:
    return changed(Bundle, "complete", lambda _: property(lambda self: self.stacked is not None))


def _one_note_more() -> Patch:
    def make(before: Any) -> Any:
        def mix(amount_fen: int, units: Any, *, max_items: int) -> Any:
            found = before(amount_fen, units, max_items=max_items)
            return found and {unit: number + (number > 5) for unit, number in found.items()}

        return mix

    return changed(withdrawal, "exact_mix", make)


def _rejects_forgotten() -> Patch:
    def make(before: Any) -> Any:
        def after(self: Any, dispensed: Dispensed) -> Any:
            kept = {unit: type(told)(told.dispensed, 0) for unit, told in dispensed.units.items()}
            return before(self, Dispensed(kept, dispensed.error, dispensed.failed_unit))

        return after

    return changed(CashUnits, "after", make)


def _suspense_forgotten() -> Patch:
    def make(before: Any) -> Any:
        def fold(records: Any) -> Remains:
            remains: Remains = before(records)
            remains.suspended.clear()
            return remains

        return fold

    return changed(recovery, "fold", make)


def _reject_counts() -> Patch:
    """Notes in the reject bin are given back, however many were counted there."""

    def make(before: Any) -> Any:
        def record(self: Any, entry: Entry, **data: Any) -> None:
            if entry is Entry.REJECT_DONE:
                data["counted"] = self.bundle.notes
            before(self, entry, **data)

        return record

    return changed(Presenter, "_record", make)


def _unseen_is_taken() -> Patch:
    """When the exit can't be watched, the notes are called taken."""

    def by_evidence(before: Any) -> Any:
        async def judged(self: Any, cause: str) -> Reach:
            if self.bundle.phase is not Phase.PRESENTED:
                return await before(self, cause)  # type: ignore[no-any-return]
            self._record(Entry.CASH_TAKEN)
            self._settle()
            return Reach.ENDED

        return judged

    return changed(Presenter, "_by_evidence", by_evidence)


BUGS: Final = (
    Planted("M2", "the record of an intent is written after the motion", WITHDRAWAL, _intent_after, (6,)),
    Planted(
        "M19",
        "that notes were asked for is remembered in memory only",
        RECOVERY,
        lambda: changed(
            Remains,
            "apply",
            lambda before: (
                lambda self, record: (
                    None
                    if record.kind in _ASKED or record.kind.startswith(("dispense_", "stack_"))
                    else before(self, record)
                )
            ),
        ),
        (3, 4, 8),
    ),
    Planted("M20", "a restart does not ask the dispenser", RECOVERY, _recovers_without_asking, (4, 8)),
    Planted("M21", "a restart resets the dispenser before it asks", "terminal/startup.py", _resets_first, (6, 7)),
    Planted(
        "M23",
        "notes that were presented and are gone are given back",
        "terminal/evidence.py",
        lambda: _judge({Verdict.TAKEN: Verdict.NOTHING_STACKED}),
        (4, 8),
    ),
    Planted(
        "M24", "a present whose outcome is unknown is given back in full", PRESENTER, _unknown_is_not_presented, (8,)
    ),
    Planted("M25", "retracted notes are credited before anybody has counted", PRESENTER, _retract_credited, (4, 8)),
    Planted("M34", "one approval stacks twice", PRESENTER, _stacks_twice, (5, 7)),
    Planted("K1", "no intent is recorded for the motions of a stacker", PRESENTER, _no_intent, (6,)),
    Planted("K2", "a part that was paid is given back as a whole", WITHDRAWAL, _part_reversed, (4, 8)),
    Planted(
        "K3", "a dispense whose outcome is unknown counts as nothing paid", WITHDRAWAL, _unknown_is_nothing, (4, 8)
    ),
    Planted("K4", "notes short of what was asked are presented", "terminal/bundle.py", _short_is_complete, (5,)),
    Planted("K5", "one note more is asked for than was approved", WITHDRAWAL, _one_note_more, (4, 5)),
    Planted("K6", "rejected notes are not taken off the counts", "terminal/cash_units.py", _rejects_forgotten, (3,)),
    Planted("K7", "open suspense items are forgotten at a restart", RECOVERY, _suspense_forgotten, (4, 8)),
    Planted("K8", "the next person is served while notes wait for a count", "terminal/startup.py", _serves_on, (14,)),
    Planted(
        "K9",
        "nothing opens a suspense item",
        WITHDRAWAL,
        lambda: together(changed(Presenter, "suspend", silent), changed(Withdrawal, "suspend", silent)),
        (4, 8, 9, 15),
    ),
    Planted("K10", "rejected notes count as complete without a count", PRESENTER, _reject_counts, (12,)),
    Planted("K107", "notes that nobody can watch count as taken", PRESENTER, _unseen_is_taken, (21,)),
    Planted(
        "K108",
        "the host is told of no cassette of a stacker",
        "terminal/bundle.py",
        lambda: changed(Bundle, "results", instead(lambda *_: [])),
        (17,),
    ),
    Planted(
        "K109",
        "a restart writes down another end of a visit that was paid",
        "terminal/interrupted.py",
        lambda: changed(interrupted.Visits, "ending", instead(lambda *_: Ending.NO_ANSWER)),
        (17,),
    ),
)
"""Of the cash transaction."""
