"""The receipt of a visit, where there is something to tell."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

from drivers.interfaces import DeviceError, Done, MacAlgorithm, PinPad, PrintItem, Refused, Unknown
from protocol.money_line import AmountType
from terminal.card import Card
from terminal.equipment import Equipment
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


async def print_receipt(equipment: Equipment, visit: Visit, language: str) -> bool:
    """Print what became of the money, or how to get a retained card back; nothing where nothing happened.

    True when paper came. Paper that may or may not have come is never printed a second time. Raises DeviceError.
    """
    kind = ReceiptKind.CARD_RETAINED if visit.card_retained else KINDS.get(visit.ending or Ending.CANCELLED)
    if kind is None or visit.card is None:
        return False
    data = replace(
        _data(equipment, visit, visit.card, kind, language), check_code=await _check_code(equipment.pad, visit)
    )
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


async def print_slip(
    equipment: Equipment, visit: str | None, slip: Callable[[int, str], Sequence[PrintItem]], language: str
) -> bool:
    """Print what a page offers; False where no paper came, or nobody knows."""
    with suppress(DeviceError, ConnectionError):
        outcome = await equipment.printer.print_form(slip(equipment.printer.columns, language))
        equipment.journal.write(Entry.SLIP_PRINTED, visit, done=isinstance(outcome, Done))
        return isinstance(outcome, Done)
    return False


def _data(equipment: Equipment, visit: Visit, card: Card, kind: ReceiptKind, language: str) -> ReceiptData:
    withdrawal = visit.withdrawal
    data = ReceiptData(
        kind=kind,
        time=equipment.now(),
        terminal_id=equipment.notices.terminal_id,
        masked_pan=card.masked_pan,
        check_code="",
        hotline=equipment.notices.hotline,
        reason=visit.reasons[0] if visit.reasons else None,
        languages=(language,),
    )
    if withdrawal is None or not withdrawal.amount_fen:
        return data
    data = replace(data, amount_asked=withdrawal.amount_fen, amount_paid=withdrawal.paid_fen)
    if (approval := withdrawal.approval) is None:
        return data
    ledger = withdrawal.quote.amounts.get(AmountType.LEDGER)
    balance = None if ledger is None or withdrawal.paid_fen is None else ledger - withdrawal.paid_fen
    return replace(data, reference=approval.reference, stan=f"{approval.original.stan:06d}", balance=balance)


async def _check_code(pad: PinPad, visit: Visit) -> str:
    """The host's own code for the reference; from a host without one, a MAC of the PIN pad over what is told."""
    withdrawal = visit.withdrawal
    approval = withdrawal.approval if withdrawal else None
    if withdrawal is None or approval is None:
        return ""
    if approval.check_code:
        return approval.check_code
    said = f"{approval.reference}/{approval.original.stan}/{withdrawal.amount_fen}/{withdrawal.paid_fen}"
    with suppress(DeviceError, ConnectionError):
        return (await pad.generate_authentication(said.encode("ascii"), MacAlgorithm.X9_19))[:4].hex().upper()
    return ""
