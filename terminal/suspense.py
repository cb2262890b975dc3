"""Suspense items as an operator works on them: what is open, with its evidence, and the count that resolves it.

An item is never settled by the program: two operators say what they counted, and the next start tells the host the true
amount. What the host has not approved it can't book, so notes beyond an approval go to a named case of the authority.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from drivers.interfaces import Dispensed, UnitCounts
from terminal.cash_units import CashUnits
from terminal.counting import CountRefused
from terminal.dispense_record import to_data, worth_fen
from terminal.journal import Entry, Journal, Record
from terminal.redaction import Json, looks_secret
from terminal.texts import yuan


@dataclass(frozen=True, slots=True)
class Item:
    """One withdrawal of which nobody knows what was paid. `card` is masked; `amount_fen` is what the host holds.

    `mix` names the notes asked from each cassette; `phase`, `notes` and `counted` are those of a bundle on a dispenser
    with a stacker. `said` is what the dispenser said when it was asked, newest last.
    """

    visit: str
    opened: datetime
    cause: str = ""
    card: str = ""
    amount_fen: int | None = None
    mix: Mapping[str, int] = field(default_factory=dict)
    phase: str | None = None
    notes: int | None = None
    counted: int | None = None
    said: tuple[Mapping[str, Json], ...] = ()

    def age(self, now: datetime) -> timedelta:
        """How long it has been open; never negative."""
        return max(now - self.opened, timedelta())

    def data(self, now: datetime) -> dict[str, Json]:
        """For programs."""
        return {
            "visit": self.visit,
            "opened": self.opened.isoformat(),
            "age_seconds": int(self.age(now).total_seconds()),
            "cause": self.cause,
            "card": self.card,
            "amount_fen": self.amount_fen,
            "mix": dict(self.mix),
            "phase": self.phase,
            "notes": self.notes,
            "counted": self.counted,
            "evidence": [dict(said) for said in self.said],
        }


KINDS: Final = (
    Entry.CARD_READ,
    Entry.HOST_REQUEST,
    Entry.DISPENSE_INTENT,
    Entry.STACK_INTENT,
    Entry.NOTES_JUDGED,
    Entry.SUSPENSE_OPENED,
    Entry.SUSPENSE_CLOSED,
)
"""The records that items are made of."""


def open_visits(journal: Journal) -> tuple[str, ...]:
    """The visits with an item that nobody has resolved, in the order in which they were opened."""
    found: dict[str, None] = {}
    for record in journal.records(Entry.SUSPENSE_OPENED, Entry.SUSPENSE_CLOSED):
        found.pop(record.transaction or "", None)
        if record.kind == Entry.SUSPENSE_OPENED:
            found[record.transaction or ""] = None
    return tuple(found)


def open_items(records: Iterable[Record]) -> Sequence[Item]:
    """Every item that nobody has resolved, oldest first: a fold over the journal."""
    found: dict[str, Item] = {}
    seen: dict[str, Item] = {}
    for record in records:
        visit, data = record.transaction, record.data
        if visit is None:
            continue
        item = seen.get(visit) or Item(visit, datetime.fromisoformat(record.time))
        match record.kind:
            case Entry.CARD_READ:
                item = replace(item, card=data["card"])
            case Entry.HOST_REQUEST if "amount_fen" in data:
                item = replace(item, amount_fen=data["amount_fen"])
            case Entry.DISPENSE_INTENT | Entry.STACK_INTENT:
                item = replace(item, mix=data["mix"])
            case Entry.NOTES_JUDGED:
                item = replace(item, said=(*item.said, data))
            case Entry.SUSPENSE_OPENED:
                item = replace(
                    item,
                    opened=datetime.fromisoformat(record.time),
                    cause=data["cause"],
                    phase=data.get("phase"),
                    notes=data.get("notes"),
                    counted=data.get("counted"),
                )
                if evidence := data.get("evidence"):
                    item = replace(item, said=(*item.said, {"state": evidence}))
                found[visit] = item
            case Entry.SUSPENSE_CLOSED:
                found.pop(visit, None)
            case _:
                continue
        seen[visit] = item
        if visit in found:
            found[visit] = item
    return sorted(found.values(), key=lambda item: item.opened)


def check(item: Item, counted: Mapping[str, UnitCounts], cash: CashUnits, case: str = "", note: str = "") -> None:
    """Can this count settle the item? Raises CountRefused."""
    if unknown := sorted(set(counted) - set(cash.units)):
        raise CountRefused(f"there is no cassette {', '.join(unknown)}; there are {', '.join(sorted(cash.units))}")
    if any(min(counts.dispensed, counts.rejected) < 0 for counts in counted.values()):
        raise CountRefused("nobody counts fewer than no notes")
    if looks_secret(case) or looks_secret(note):
        raise CountRefused("case or note holds what looks like a card or ID number: leave it out")
    paid, held = worth_fen(Dispensed(counted), cash), item.amount_fen or 0
    if paid > held and not case.strip():
        raise CountRefused(
            f"{yuan(paid)} yuan were counted as paid, and the host holds {yuan(held)}: it can't debit more. Count "
            "again; if it is so, report it to the authority and name its case with --case"
        )


def resolve(
    journal: Journal,
    item: Item,
    counted: Mapping[str, UnitCounts],
    cash: CashUnits,
    by: Sequence[str],
    case: str = "",
    note: str = "",
) -> int:
    """Two operators (`by`) have counted what the customer got of `item`: what the host will be told, in fen.

    Notes beyond what the host holds need a `case` of the authority that takes them. Raises CountRefused, JournalError.
    """
    check(item, counted, cash, case, note)
    units = {unit: counted.get(unit, UnitCounts()) for unit in sorted({*item.mix, *counted})}
    dispensed = Dispensed(units)
    journal.write(Entry.SUSPENSE_CLOSED, item.visit, **to_data(dispensed), by=list(by), case=case, note=note)
    return min(worth_fen(dispensed, cash), item.amount_fen or 0)
