"""The operator's slip: what waits for people at this kiosk, on the receipt printer. Masked numbers only.

It tells what is in the cassettes, so it is for nobody else: an operator has it printed. Where the paper does not come
out on the customer's side, a kiosk may print it by itself: at a start, once a business day, and whenever something new
waits, until nothing does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from drivers.interfaces import Align, DeviceError, Done, PrintItem, PrintText, Unknown
from terminal.cash_units import CashUnits
from terminal.equipment import Equipment
from terminal.host_memory import Advice
from terminal.journal import Entry
from terminal.receipts import wrap
from terminal.suspense import KINDS, Item, open_items, open_visits
from terminal.texts import render
from terminal.view import Fen, Value, Words


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the slip tells: items to be counted, and messages that the host refuses, each with its last code."""

    items: Sequence[Item]
    refused: Sequence[tuple[Advice, str]]


def waiting(equipment: Equipment) -> Waiting:
    """What waits now, by the journal."""
    return Waiting(open_items(equipment.journal.records(*KINDS)), equipment.money.refused_advices)


def names(equipment: Equipment) -> tuple[str, ...]:
    """What would be on a slip, to see whether another one is due."""
    refused = (f"refused {advice.transaction}" for advice, _ in equipment.money.refused_advices)
    return (*open_visits(equipment.journal), *refused)


def slip(
    found: Waiting, cash: CashUnits, terminal: str, now: datetime, columns: int, language: str
) -> tuple[PrintItem, ...]:
    """The slip for paper of `columns` narrow characters."""
    heading, *lines = _lines(found, cash, terminal, now, language)
    title = [PrintText(part, Align.CENTER, emphasized=True) for part in wrap(heading, columns)]
    return (*title, *(PrintText(part) for line in lines for part in wrap(line, columns)))


def _lines(found: Waiting, cash: CashUnits, terminal: str, now: datetime, language: str) -> Iterator[str]:
    def words(key: str, **values: Value) -> str:
        return render(Words(f"slip.{key}", values), language)

    yield words("title")
    yield f"{now:%Y-%m-%d %H:%M}  {terminal}"
    yield words("items", number=str(len(found.items)))
    for item in found.items:
        yield f"{item.visit}  {item.opened:%Y-%m-%d %H:%M}"
        if item.amount_fen is not None:
            yield words("held", amount=Fen(item.amount_fen))
        if item.card:
            yield item.card
        yield item.cause
        if item.mix:
            yield ", ".join(f"{unit}: {notes}" for unit, notes in item.mix.items())
    for advice, code in found.refused:
        yield words("refused", visit=advice.transaction or "", amount=Fen(advice.amount_fen), code=code)
    yield words("cassettes")
    for name, unit in cash.units.items():
        yield f"{name}  {unit.remaining} x {unit.denomination_fen // 100}  {unit.accuracy}"
    area = cash.retract_area
    if area.bundles:
        yield words("retracted", bundles=str(area.bundles), counted=str(area.counted))
    yield words("act")


async def print_slip_when_due(equipment: Equipment) -> None:
    """Print where a kiosk may, and something waits that today's slip has not told.

    Paper that may have come is not printed again.
    """
    due = (f"{equipment.now():%Y-%m-%d}", names(equipment))
    if not equipment.unattended_slips or not due[1] or equipment.slip == due or equipment.power.failing:
        return
    found, notices, printer = waiting(equipment), equipment.notices, equipment.printer
    items = slip(found, equipment.cash, notices.terminal_id, equipment.now(), printer.columns, notices.language)
    try:
        outcome = await printer.print_form(items)
    except (DeviceError, ConnectionError):
        return
    if isinstance(outcome, Done | Unknown):
        equipment.slip = due
        equipment.journal.write(Entry.OPERATOR_SLIP_PRINTED, items=list(due[1]), certain=isinstance(outcome, Done))
