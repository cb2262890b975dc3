"""The receipt of a visit, where there is something to tell."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from drivers.interfaces import DeviceError, Done, MacAlgorithm, PinPad, PrintItem, Refused, Unknown
from protocol.money_line import AmountType
from terminal.card import Card
from terminal.equipment import Equipment
from terminal.host_answers import Declined, NoAnswer
from terminal.journal import Entry
from terminal.receipts import ReceiptData, ReceiptKind, receipt
from terminal.visit import Ending, Visit

KINDS = {
    Ending.PAID: ReceiptKind.PAID,
    Ending.PARTLY_PAID: ReceiptKind.PARTLY_PAID,
    Ending.NOT_PAID: ReceiptKind.NOT_PAID,
    Ending.NO_ANSWER: ReceiptKind.NOT_PAID,
    Ending.SUSPENSE: ReceiptKind.SUSPENSE,
    Ending.RETRACTED: ReceiptKind.RETRACTED,
}


def receipt_kind(visit: Visit) -> ReceiptKind | None:
    """What kind of receipt this visit has, None where nothing happened that it could tell."""
    if visit.card_retained:
        return ReceiptKind.CARD_RETAINED
    if visit.ending is Ending.DECLINED:
        asked = visit.withdrawal is not None and visit.withdrawal.amount_fen
        return ReceiptKind.NOT_PAID if asked and visit.refusal is not None else None
    return KINDS.get(visit.ending or Ending.CANCELLED)


async def print_receipt(equipment: Equipment, visit: Visit, language: str) -> bool:
    """Print what became of the money, or how to get a retained card back; nothing where nothing happened.

    True when paper came. Paper that may or may not have come is never printed a second time. Raises DeviceError.
    """
    data = await _receipt_data(equipment, visit, language)
    if data is None:
        return False
    match await equipment.printer.print_form(receipt(data, equipment.printer.columns)):
        case Done():
            equipment.journal.write(Entry.RECEIPT_PRINTED, visit.id)
            return True
        case Refused(error):
            equipment.journal.write(Entry.RECEIPT_FAILED, visit.id, cause=str(error))
            return False
        case Unknown(cause):
            equipment.journal.write(Entry.RECEIPT_FAILED, visit.id, cause=cause)
            return False


async def print_copy(equipment: Equipment, visit: Visit, language: str) -> bool:
    """Print the same receipt because its owner asks for it, marked as a copy; False where no paper came."""
    data = await _receipt_data(equipment, visit, language)
    if data is None:
        return False
    with suppress(DeviceError, ConnectionError):
        outcome = await equipment.printer.print_form(receipt(replace(data, copy=True), equipment.printer.columns))
        equipment.journal.write(Entry.RECEIPT_COPIED, visit.id, done=isinstance(outcome, Done))
        return isinstance(outcome, Done)
    return False


async def print_slip(
    equipment: Equipment, visit: str | None, slip: Callable[[int, str], Sequence[PrintItem]], language: str
) -> bool:
    """Print what a page offers; False where no paper came, or nobody knows."""
    with suppress(DeviceError, ConnectionError):
        outcome = await equipment.printer.print_form(slip(equipment.printer.columns, language))
        equipment.journal.write(Entry.SLIP_PRINTED, visit, done=isinstance(outcome, Done))
        return isinstance(outcome, Done)
    return False


async def _receipt_data(equipment: Equipment, visit: Visit, language: str) -> ReceiptData | None:
    kind = receipt_kind(visit)
    if kind is None or visit.card is None:
        return None
    visit.receipt_at = visit.receipt_at or equipment.now()
    data = _data(equipment, visit, visit.card, visit.receipt_at, kind, language)
    return replace(data, check_code=await _check_code(equipment.pad, visit))


def _data(
    equipment: Equipment, visit: Visit, card: Card, at: datetime, kind: ReceiptKind, language: str
) -> ReceiptData:
    withdrawal = visit.withdrawal
    data = ReceiptData(
        kind=kind,
        time=at,
        terminal_id=equipment.notices.terminal_id,
        masked_pan=card.masked_pan,
        check_code="",
        hotline=equipment.notices.hotline,
        reason=visit.reasons[0] if visit.reasons else None,
        languages=(language,),
    )
    if withdrawal is None or not withdrawal.amount_fen:
        return _refused(data, visit.refusal)
    data = replace(data, amount_asked=withdrawal.amount_fen, amount_paid=withdrawal.paid_fen)
    if (approval := withdrawal.approval) is None:
        return _refused(data, visit.refusal)
    ledger = withdrawal.quote.amounts.get(AmountType.LEDGER)
    balance = None if ledger is None or withdrawal.paid_fen is None else ledger - withdrawal.paid_fen
    return replace(data, reference=approval.reference, stan=f"{approval.original.stan:06d}", balance=balance)


def _refused(data: ReceiptData, refusal: Declined | NoAnswer | None) -> ReceiptData:
    """By what a counter finds a request that the host refused or did not answer."""
    if refusal is None:
        return data
    stan = "" if refusal.stan is None else f"{refusal.stan:06d}"
    return replace(data, stan=stan, reference=(refusal.reference or "") if isinstance(refusal, Declined) else "")


async def _check_code(pad: PinPad, visit: Visit) -> str:
    """The host's own code for the reference; from a host without one, a MAC of the PIN pad over what is told."""
    withdrawal = visit.withdrawal
    approval = withdrawal.approval if withdrawal else None
    if withdrawal is None or approval is None:
        return visit.refusal.check_code if isinstance(visit.refusal, Declined) else ""
    if approval.check_code:
        return approval.check_code
    said = f"{approval.reference}/{approval.original.stan}/{withdrawal.amount_fen}/{withdrawal.paid_fen}"
    with suppress(DeviceError, ConnectionError):
        return (await pad.generate_authentication(said.encode("ascii"), MacAlgorithm.X9_19))[:4].hex().upper()
    return ""
