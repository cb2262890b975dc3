"""From power-on to service, and from one customer to the next: what must be in order before a card is invited.

Ask first, move second: what the devices remember is evidence, and a reset destroys it.
"""

from contextlib import suppress

from drivers.interfaces import (
    CashDispenser,
    DeviceError,
    DispenserState,
    DispenserStatus,
    Done,
    EncryptionState,
    Media,
    MoveTarget,
    PaperSupply,
    PositionStatus,
    PresentStatus,
)
from terminal import recovery
from terminal.equipment import Equipment
from terminal.faults import blame
from terminal.journal import Entry
from terminal.log import log
from terminal.money_line import SignOnFailed
from terminal.states import Event


async def start(equipment: Equipment) -> Event:
    """Settle what the last run left, bring up every device, sign on."""
    remains = recovery.fold(equipment.journal.records())
    with blame(Event.CASH_DISPENSER_FAULT):
        evidence = await _evidence(equipment.dispenser) if remains.asked else None
    recovery.settle(equipment.journal, equipment.money, remains, evidence)
    equipment.cash, equipment.visits, equipment.suspended = remains.cash, remains.visits, bool(remains.suspended)
    with blame(Event.PIN_PAD_FAULT):
        await equipment.pad.reset()
    with blame(Event.CARD_READER_FAULT):
        await _empty_reader(equipment)
    with blame(Event.CASH_DISPENSER_FAULT):
        equipment.dispenser_status = await _ready_dispenser(equipment.dispenser, may_move=not remains.suspended)
    with suppress(DeviceError, ConnectionError):
        await equipment.printer.reset()
    try:
        await equipment.money.sign_on()
    except SignOnFailed as failure:
        log.warning("sign-on failed", cause=str(failure))
        return _closed(equipment, "host_line")
    return Event.STARTED


async def prepare(equipment: Equipment) -> Event:
    """Stored advices first; then look whether the next customer can be served."""
    if equipment.suspended:
        return _closed(equipment, "count_needed")
    if not await equipment.money.deliver():
        return _closed(equipment, "host_line")
    with blame(Event.PIN_PAD_FAULT):
        if (await equipment.pad.status()).encryption_state is not EncryptionState.READY:
            return _closed(equipment, "pin_pad")
    with blame(Event.CASH_DISPENSER_FAULT):
        equipment.dispenser_status = status = await equipment.dispenser.status()
    if status.dispenser is DispenserState.STOP or status.position is PositionStatus.NOT_EMPTY:
        return _closed(equipment, "cash_dispenser")
    if not equipment.available_notes():
        return _closed(equipment, "no_cash")
    equipment.receipts = await _can_print(equipment)
    equipment.journal.write(Entry.IN_SERVICE, receipts=equipment.receipts)
    return Event.READY


def _closed(equipment: Equipment, reason: str) -> Event:
    equipment.closed_because = reason
    return Event.NOT_READY


async def _evidence(dispenser: CashDispenser) -> PresentStatus:
    return await dispenser.get_present_status()


async def _ready_dispenser(dispenser: CashDispenser, *, may_move: bool) -> DispenserStatus:
    """One reset where the device is not well, unless its state is evidence that somebody has to see."""
    status = await dispenser.status()
    if status.dispenser is DispenserState.STOP and may_move:
        await dispenser.reset()
        status = await dispenser.status()
    return status


async def _empty_reader(equipment: Equipment) -> None:
    """A card that the last run left inside goes back to its owner, or into the bin if nobody takes it."""
    reader, journal = equipment.reader, equipment.journal
    outcome = await reader.reset(MoveTarget.EXIT)
    if not isinstance(outcome, Done) or outcome.result is not Media.ENTERING:
        return
    journal.write(Entry.CARD_EJECT_INTENT, cause="a card was inside at start")
    if await reader.media_removed(equipment.limits.card_taken):
        journal.write(Entry.CARD_TAKEN)
        return
    journal.write(Entry.CAPTURE_INTENT)
    captured = isinstance(await reader.move(MoveTarget.RETAIN), Done)
    journal.write(Entry.CARD_CAPTURED if captured else Entry.CAPTURE_FAILED)


async def _can_print(equipment: Equipment) -> bool:
    """A withdrawal goes on without a printer; the customer is told before."""
    with suppress(DeviceError, ConnectionError):
        status = await equipment.printer.status()
        return status.paper not in (PaperSupply.OUT, PaperSupply.JAMMED)
    return False
