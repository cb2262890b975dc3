"""The motions of a dispenser with a stacker, each one frame with its intent on the disk before it.

    stack -> (card returned and taken) -> present -> taken                     the debit stands
      |                 |                    |           +-> retract: counted   suspense until a person counts
      |                 |                    +-> refused --+
      +-> short --------+-> card left ---------------------+-> reject: given back, if every note was counted

- Notes short of what was asked are not presented: they go into the reject bin and the approval is given back. The next
  request is a new decision, with a new note mix.
- A motion whose outcome is unknown is never repeated: the device is asked, and `terminal.evidence` judges.
- Notes that were within reach are credited by nobody but a person who has counted. The count of a retract is evidence
  for that person: paper of the same number is not yet the same notes.
- Where presented notes can't be taken back they stay, the debit stands, and nobody is served until the exit is free.
"""

from collections.abc import Awaitable
from enum import StrEnum
from typing import TypeVar

from drivers.interfaces import DeviceError, Dispensed, Done, Outcome, Refused, Unknown
from protocol.money_line import ReversalCause
from terminal import evidence
from terminal.bundle import Bundle, Phase, Verdict
from terminal.dispense_record import to_data, worth_fen
from terminal.equipment import Equipment
from terminal.journal import Entry
from terminal.log import log
from terminal.money_line import Approved
from terminal.redaction import Json

T = TypeVar("T")


class Reach(StrEnum):
    """How a step that may bring notes within reach, or take them out of it, ended."""

    IN_REACH = "in_reach"
    NOT_PRESENTED = "not_presented"
    ENDED = "ended"  # taken, or in suspense: there is nothing more to move


class Presenter:
    """The notes of one withdrawal. With an `approval` the money is settled as soon as its end is known.

    Raises JournalError from every step, Fault before a motion while the power is failing, and nothing else.
    """

    def __init__(self, equipment: Equipment, visit: str, bundle: Bundle, approval: Approved | None = None) -> None:
        self.bundle = bundle
        self.suspended = False
        self._equipment = equipment
        self._visit = visit
        self._approval = approval

    @property
    def presented_fen(self) -> int:
        """What was stacked to be presented."""
        return worth_fen(self.bundle.stacked or Dispensed({}), self._equipment.cash)

    @property
    def paid_fen(self) -> int | None:
        """What the person got; None while nobody knows."""
        got = self.bundle.got
        return None if got is None or self.suspended else worth_fen(got, self._equipment.cash)

    @property
    def retracted(self) -> bool:
        """The notes were within reach, and the device says that it has taken back what was left."""
        return self.bundle.phase is Phase.RETRACTED

    # The steps

    async def stack(self) -> bool:
        """Notes to the stacker, once; True when exactly those asked for are there."""
        mix = self.bundle.mix
        self._equipment.power.check()
        self._record(Entry.STACK_INTENT, amount_fen=self._approval.amount_fen if self._approval else None, mix=mix)
        match await self._outcome(self._equipment.dispenser.dispense(mix)):
            case Done(dispensed):
                self._record(Entry.STACK_DONE, **to_data(dispensed))
            case Refused(error):
                self._record(Entry.STACK_REFUSED, cause=str(error))
            case Unknown(cause):
                self._record(Entry.STACK_UNKNOWN, cause=cause, mix=mix)
        return self.bundle.complete

    async def present(self) -> Reach:
        """Stacked notes within reach, once. Call only when the card was seen taken."""
        self._equipment.power.check()
        self._record(Entry.PRESENT_INTENT)
        match await self._outcome(self._equipment.dispenser.present()):
            case Done():
                self._record(Entry.PRESENT_DONE)
                return Reach.IN_REACH
            case Refused(error):
                self._record(Entry.PRESENT_REFUSED, cause=str(error))
                return Reach.NOT_PRESENTED
            case Unknown(cause):
                self._record(Entry.PRESENT_UNKNOWN, cause=cause)
                return await self._by_evidence("the outcome of presenting is unknown")

    async def wait_until_taken(self, limit: float) -> Reach:
        """IN_REACH when presented notes were not taken within `limit` seconds and can be taken back."""
        try:
            taken = await self._equipment.dispenser.items_taken(limit)
        except (DeviceError, ConnectionError) as error:
            log.error("the exit can't be watched", cause=str(error))
            return await self._by_evidence("nobody saw whether the notes were taken")
        if taken:
            self._record(Entry.CASH_TAKEN)
        else:
            stays = not self._equipment.dispenser.capabilities.retract
            self._record(Entry.CASH_LEFT, stays=stays, times=self._times_left() + 1)
            if not stays:
                return Reach.IN_REACH
        self._settle()
        return Reach.ENDED

    async def retract(self) -> None:
        """What was not taken into the retract area, once. Whatever was counted, a person counts again."""
        self._equipment.power.check()
        self._record(Entry.RETRACT_INTENT)
        match await self._outcome(self._equipment.dispenser.retract()):
            case Done(counted):
                self._record(Entry.RETRACT_DONE, counted=counted, presented=self.bundle.notes)
                self.suspend("notes were not taken and are in the retract area")
            case Refused(error):
                self._record(Entry.RETRACT_REFUSED, cause=str(error))
                await self._by_evidence("the notes could not be taken back")
            case Unknown(cause):
                self._record(Entry.RETRACT_UNKNOWN, cause=cause)
                self.suspend("the outcome of taking the notes back is unknown")

    async def bring_back(self) -> None:
        """Notes that must not be presented into the reject bin; the approval is given back only on evidence."""
        if await self._by_evidence("the dispenser's words don't show where the notes are") is Reach.ENDED:
            return
        if self.bundle.phase in _TO_REJECT:
            await self._reject()
        else:
            self.suspend("notes that should not be presented are within reach")

    def suspend(self, cause: str) -> None:
        """Neither confirm nor give back: a person has to count. Nothing where the end is known already."""
        if self.suspended or self.bundle.got is not None:
            return
        bundle, self.suspended, self._equipment.suspended = self.bundle, True, True
        self._record(
            Entry.SUSPENSE_OPENED,
            cause=cause,
            amount_fen=self._approval.amount_fen if self._approval else None,
            mix=bundle.mix,
            phase=bundle.phase,
            notes=bundle.notes,
            counted=bundle.counted,
        )

    async def recover(self, limit: float) -> None:
        """Bring notes that a stop has left undecided to an end. Asks first; an outcome not on record is unknown."""
        if lost := _LOST.get(self.bundle.phase):
            mix: dict[str, Json] = {"mix": self.bundle.mix} if lost is Entry.STACK_UNKNOWN else {}
            self._record(lost, cause="no outcome on record", **mix)
        if self.bundle.phase in _FOR_A_PERSON:
            self.suspend("the kiosk stopped before the notes were counted")
            return
        cause = "the kiosk stopped while notes were moving"
        if await self._by_evidence(cause) is Reach.ENDED:
            return
        if self.bundle.phase in _TO_REJECT:
            await self._reject()
        elif await self.wait_until_taken(limit) is Reach.IN_REACH:
            await self.retract()

    # Helpers

    async def _by_evidence(self, cause: str) -> Reach:
        """Ask the device and judge; where that ends it, settle."""
        try:
            asked = await evidence.ask(self._equipment.dispenser)
        except (DeviceError, ConnectionError) as error:
            log.error("the dispenser can't be asked", cause=str(error))
            self.suspend(f"{cause}; it can't be asked: {error}")
            return Reach.ENDED
        verdict = evidence.judge(self.bundle, asked)
        self._record(Entry.NOTES_JUDGED, verdict=verdict, **asked.data())
        match verdict:
            case Verdict.SUSPENSE:
                self.suspend(cause)
                return Reach.ENDED
            case Verdict.NOTHING_STACKED | Verdict.TAKEN:
                self._settle()
                return Reach.ENDED
            case Verdict.OUT_OF_REACH:
                return Reach.NOT_PRESENTED
            case Verdict.IN_REACH:
                return Reach.IN_REACH

    async def _reject(self) -> None:
        self._equipment.power.check()
        self._record(Entry.REJECT_INTENT)
        match await self._outcome(self._equipment.dispenser.reject()):
            case Done(counted):
                self._record(Entry.REJECT_DONE, counted=counted, stacked=self.bundle.notes)
            case Refused(error):
                self._record(Entry.REJECT_REFUSED, cause=str(error))
            case Unknown(cause):
                self._record(Entry.REJECT_UNKNOWN, cause=cause)
        if self.bundle.phase is Phase.BACK:
            self._settle()
        else:
            self.suspend("not every stacked note was counted into the reject bin")

    async def _outcome(self, motion: Awaitable[Outcome[T]]) -> Outcome[T]:
        """A driver that breaks in the middle of a motion leaves it as unknown as a lost answer does."""
        try:
            return await motion
        except Exception as error:
            log.exception("the dispenser's driver failed")
            return Unknown(f"{type(error).__name__}: {error}")

    def _settle(self) -> None:
        """Confirm what the person got, or give the approval back; after a restart `recovery.settle` does."""
        got, approval, equipment = self.bundle.got, self._approval, self._equipment
        if approval is None or got is None:
            return
        results, paid = self.bundle.results(got, equipment.cash), worth_fen(got, equipment.cash)
        if paid:
            equipment.money.confirm(approval, paid, results)
        else:
            equipment.money.reverse(approval, ReversalCause.TERMINAL_FAULT, results)

    def _times_left(self) -> int:
        """How often notes were left lying here with the card of this visit before."""
        journal = self._equipment.journal
        cards = {record.transaction: record.data["card"] for record in journal.records(Entry.CARD_READ)}
        card = cards.get(self._visit)
        left = {record.transaction for record in journal.records(Entry.CASH_LEFT)} - {self._visit}
        return sum(card is not None and cards.get(visit) == card for visit in left)

    def _record(self, entry: Entry, **data: Json) -> None:
        record = self._equipment.journal.write(entry, self._visit, **data)
        self._equipment.cash = self.bundle.moved(record, self._equipment.cash)
        self.bundle = self.bundle.after(record)


_TO_REJECT = (Phase.STACKING, Phase.STACK_UNKNOWN, Phase.STACKED, Phase.PRESENT_UNKNOWN, Phase.PRESENT_REFUSED)

_LOST = {
    Phase.STACKING: Entry.STACK_UNKNOWN,
    Phase.PRESENTING: Entry.PRESENT_UNKNOWN,
    Phase.RETRACTING: Entry.RETRACT_UNKNOWN,
    Phase.REJECTING: Entry.REJECT_UNKNOWN,
}
"""Intents without an outcome, and how that is put on record."""

_FOR_A_PERSON = (
    Phase.RETRACTED,
    Phase.RETRACT_UNKNOWN,
    Phase.REJECT_UNKNOWN,
    Phase.REJECT_REFUSED,
    Phase.REJECTED_SHORT,
)
"""Nothing that the device could say now would show where every note is."""
