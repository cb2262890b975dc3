"""From power-on to service, and from one customer to the next: what must be in order before a card is invited.

Ask first, move second: what the devices remember is evidence, and a reset destroys it.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress

from drivers.interfaces import (
    DeviceError,
    DispenserState,
    DispenserStatus,
    Done,
    EncryptionState,
    Media,
    MoveTarget,
    Outcome,
    PaperSupply,
    PositionStatus,
    Refused,
    ShutterStatus,
    Unknown,
)
from terminal import recovery
from terminal.doubt_reports import report_doubts
from terminal.equipment import Equipment
from terminal.faults import Fault, blame
from terminal.interrupted import CardPlace
from terminal.journal import Entry
from terminal.log import log
from terminal.money_line import JournalSetBack, SignOnFailed
from terminal.operator_slip import print_slip_when_due
from terminal.presenter import Presenter
from terminal.states import Event


async def start(equipment: Equipment) -> Event:
    """Settle what the last run left, bring up every device, sign on."""
    remains = recovery.fold(equipment.journal.records())
    if remains.undecided:
        equipment.cash = remains.cash
        for visit, bundle in remains.undecided.items():
            await Presenter(equipment, visit, bundle).recover(equipment.limits.cash_taken)
        remains = recovery.fold(equipment.journal.records())
    with blame(Event.CASH_DISPENSER_FAULT):
        evidence = await equipment.dispenser.get_present_status() if remains.asked else None
    recovery.settle(equipment.journal, equipment.money, remains, evidence)
    equipment.cash, equipment.visits, equipment.suspended = remains.cash, remains.visits.begun, bool(remains.suspended)
    with blame(Event.PIN_PAD_FAULT):
        await equipment.pad.reset()
    with blame(Event.CARD_READER_FAULT):
        await _empty_reader(equipment, remains.visits.card)
    with blame(Event.CASH_DISPENSER_FAULT):
        equipment.dispenser_status = await _ready_dispenser(
            equipment, may_move=not remains.suspended and not remains.reset_open
        )
    with suppress(DeviceError, ConnectionError):
        await equipment.printer.reset()
    try:
        await equipment.money.sign_on()
    except SignOnFailed as failure:
        log.warning("sign-on failed", cause=str(failure))
        return _closed(equipment, "journal_set_back" if isinstance(failure, JournalSetBack) else "host_line")
    return Event.STARTED


async def prepare(equipment: Equipment) -> Event:
    """Stored advices first; then look whether the next customer can be served."""
    delivered = await equipment.money.deliver()
    await print_slip_when_due(equipment)
    await report_doubts(equipment)
    if equipment.suspended:
        return _closed(equipment, "count_needed")
    if not delivered:
        return _closed(equipment, "host_line")
    if equipment.money.open_approvals:
        return _closed(equipment, "internal")  # nobody has settled it; the next start does
    with blame(Event.PIN_PAD_FAULT):
        if (await equipment.pad.status()).encryption_state is not EncryptionState.READY:
            return _closed(equipment, "pin_pad")
    with blame(Event.CASH_DISPENSER_FAULT):
        equipment.dispenser_status = status = await equipment.dispenser.status()
    if status.dispenser in _NOT_IN_ORDER or status.shutter in _NOT_SHUT or not _clear(status):
        return _closed(equipment, "cash_dispenser")
    if not equipment.available_notes():
        return _closed(equipment, "no_cash")
    equipment.receipts, equipment.paper_low = await _paper(equipment)
    equipment.retries.reset()
    equipment.journal.write(Entry.IN_SERVICE, receipts=equipment.receipts, paper_low=equipment.paper_low)
    return Event.READY


_NOT_IN_ORDER = (DispenserState.STOP, DispenserState.UNKNOWN)
_NOT_SHUT = (ShutterStatus.OPEN, ShutterStatus.JAMMED)


def _clear(status: DispenserStatus) -> bool:
    """No notes of anybody at the exit or on the stacker."""
    return PositionStatus.NOT_EMPTY not in (status.position, status.stacker)


def _closed(equipment: Equipment, reason: str) -> Event:
    equipment.closed_because = reason
    return Event.NOT_READY


async def _ready_dispenser(equipment: Equipment, *, may_move: bool) -> DispenserStatus:
    """One reset where the device is not well, unless its state is evidence that somebody has to see.

    A reset moves what notes are in the way, so a reset whose outcome is unknown is never followed by another.
    """
    dispenser, journal = equipment.dispenser, equipment.journal
    status = await dispenser.status()
    if status.dispenser is DispenserState.STOP and may_move:
        equipment.power.check()
        journal.write(Entry.DISPENSER_RESET_INTENT)
        outcome = await dispenser.reset()
        if not isinstance(outcome, Unknown):
            journal.write(Entry.DISPENSER_RESET_DONE, refused=isinstance(outcome, Refused))
        status = await dispenser.status()
    return status


async def _empty_reader(equipment: Equipment, left: tuple[str, CardPlace] | None) -> None:
    """A card that the last run left inside goes back to its owner, or into the bin if nobody takes it.

    `left` is the visit whose card may be inside. One that was being kept is kept, if it still is there. Raises Fault,
    DeviceError where a card may still be inside afterwards.
    """
    reader, journal = equipment.reader, equipment.journal
    visit = left[0] if left else None
    if left is not None and left[1] is CardPlace.KEEPING and (await reader.status()).media in _WITHIN_REACH_OF_THE_BIN:
        await _keep(equipment, visit, lambda: reader.reset(MoveTarget.RETAIN))
        left = None
    equipment.power.check()
    media = _result(await reader.reset(MoveTarget.EXIT))
    if media is Media.ENTERING:
        journal.write(Entry.CARD_EJECT_INTENT, visit, cause="a card was inside at start")
        if await reader.media_removed(equipment.limits.card_taken):
            journal.write(Entry.CARD_TAKEN, visit)
        else:
            await _keep(equipment, visit, lambda: reader.move(MoveTarget.RETAIN))
    elif media is not Media.NOT_PRESENT:
        raise Fault(Event.CARD_READER_FAULT, f"a card can't be brought out: {media}")
    elif left is not None:
        journal.write(Entry.CARD_NOT_FOUND, visit, was=left[1])
    equipment.card_inside = False


_WITHIN_REACH_OF_THE_BIN = (Media.PRESENT, Media.ENTERING)


async def _keep(equipment: Equipment, visit: str | None, motion: Callable[[], Awaitable[Outcome[Media]]]) -> None:
    """A card into the bin, on record before and after. Raises Fault, DeviceError where it may not be there."""
    equipment.power.check()
    equipment.journal.write(Entry.CAPTURE_INTENT, visit)
    outcome = await motion()
    kept = isinstance(outcome, Done) and outcome.result is Media.NOT_PRESENT
    equipment.journal.write(Entry.CARD_CAPTURED if kept else Entry.CAPTURE_FAILED, visit)
    if not kept:
        raise Fault(Event.CARD_READER_FAULT, f"a card can't be kept: {outcome}")


def _result(outcome: Outcome[Media]) -> Media:
    match outcome:
        case Done(media):
            return media
        case Refused(error):
            raise error
        case Unknown(cause):
            raise Fault(Event.CARD_READER_FAULT, cause)


async def _paper(equipment: Equipment) -> tuple[bool, bool]:
    """Is there some, and is it nearly used up? A withdrawal goes on without; the customer is told before."""
    with suppress(DeviceError, ConnectionError):
        paper = (await equipment.printer.status()).paper
        return paper not in (PaperSupply.OUT, PaperSupply.JAMMED), paper is PaperSupply.LOW
    return False, False
