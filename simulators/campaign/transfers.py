"""What became of each transfer: asked for, heard, told to the customer, and in the books of authority and bank.

A transfer that the terminal heard approved is paid, once; one that it gave up is not. Finds nothing by itself: rules
compare what is here.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from protocol.money_line import ProcessingCode
from simulators.authority.tables.ledger import EntryKind, TransferState
from simulators.campaign.bank import Booked
from terminal.journal import Entry, Record
from terminal.texts import texts

if TYPE_CHECKING:
    from simulators.campaign.witness import Witness

LANGUAGES: Final = ("zh_CN", "en")

BANK_FAILS: Final = ("D24", "D25")
"""Faults after which a transfer that was approved may come back."""


@dataclass(slots=True)
class Transfer:
    """One request, as the terminal named it in its journal. `told` and `told_back`: what a page said of it."""

    transaction: str
    stan: int
    amount_fen: int
    approved: bool = False
    given_up: bool = False
    """A reversal of it is in the journal."""
    told: bool = False
    told_back: bool = False

    @property
    def paid_fen(self) -> int:
        """What must be gone from the account and be with the bank."""
        return self.amount_fen if self.approved and not self.given_up else 0


class Transfers:
    """All transfers of a run, in the order in which they were asked for."""

    def __init__(self) -> None:
        self.all: list[Transfer] = []
        self.cash_too: list[str] = []
        """Visits in which cash was asked for after a transfer that was not plainly refused."""

    def __iter__(self) -> Iterator[Transfer]:
        return iter(self.all)

    def of_visit(self, transaction: str) -> Transfer | None:
        """The last one of a visit."""
        return next((each for each in reversed(self.all) if each.transaction == transaction), None)

    def asked(self, record: Record) -> None:
        """A request for money is on record."""
        visit, data = record.transaction or "", record.data
        if is_transfer(record):
            self.all.append(Transfer(visit, data["stan"], data["amount_fen"]))
        elif any(each.transaction == visit and (each.approved or each.given_up) for each in self.all):
            self.cash_too.append(visit)

    def approved(self, stan: int) -> None:
        """The host has paid it, as the terminal heard."""
        if (found := self._find(stan)) is not None:
            found.approved = True

    def given_up(self, stan: int) -> None:
        """A reversal is on record."""
        if (found := self._find(stan)) is not None:
            found.given_up = True

    def new_journal(self, old: str) -> None:
        """Visits of the journal before are called `old` and their name."""
        for each in self.all:
            each.transaction = f"{old}{each.transaction}"
        self.cash_too = [f"{old}{visit}" for visit in self.cash_too]

    def _find(self, stan: int) -> Transfer | None:
        return next((each for each in reversed(self.all) if each.stan == stan), None)


def is_transfer(record: Record) -> bool:
    """A record of a request for money: is it for a transfer?"""
    return record.kind == Entry.HOST_REQUEST and record.data.get("processing") == ProcessingCode.TRANSFER


def paid_by_slip(text: str) -> str | None:
    """The amount in yuan that a slip says went to the own account; None for any other paper."""
    whole = "".join(text.split())
    for language in LANGUAGES:
        before, after = ("".join(part.split()) for part in texts(language)["transfer.done"].split("{amount}"))
        if found := re.search(f"{re.escape(before)}([0-9,.]+?){re.escape(after)}", whole):
            return found[1]
    return None


# What the rules ask


def expected_fen(witness: "Witness", transfer: Transfer, row: Booked | None) -> int:
    """What must be gone from the account: a bank that fails sends back, and keeps what it has paid out."""
    if row is None or not any(fault in witness.rig.fired for fault in BANK_FAILS):
        return transfer.paid_fen
    if row.state is TransferState.RETURNED and transfer.approved:
        return 0
    if row.state is TransferState.CREDITED and not row.payee_open and transfer.given_up:
        return transfer.amount_fen
    return transfer.paid_fen


def debited_once(witness: "Witness") -> Iterable[str]:
    """No transfer moves twice, and no money stands between."""
    for row in witness.rig.bank.booked():
        for kind in (EntryKind.DRAW, EntryKind.GIVE_BACK, EntryKind.TRANSFER):
            if row.times[kind] > 1:
                yield f"transfer {row.stan}: {row.times[kind]} entries {kind}"
        if row.credited not in (0, row.amount) or row.pending not in (0, row.amount):
            yield f"transfer {row.stan} of {row.amount} fen: {row.credited} credited, {row.pending} on their way"
        if not row.held and row.kept != row.credited + row.pending:
            yield f"transfer {row.stan}: {row.kept} fen are debited, {row.credited + row.pending} went to the bank"


def paid_or_not(witness: "Witness") -> Iterable[str]:
    """What was approved is with the bank, what was given up is with the person, and nothing in between."""
    books = {row.stan: row for row in witness.rig.bank.booked()}
    for each in witness.transfers:
        row = books.get(each.stan)
        expected, kept, credited = expected_fen(witness, each, row), 0, 0
        if row is not None:
            kept, credited = row.kept, row.credited
        if kept != expected:
            yield f"{each.transaction}: a transfer of {expected} fen was paid, {kept} fen are debited"
        elif credited != expected:
            yield f"{each.transaction}: a transfer of {expected} fen was paid, {credited} fen are with the bank"


def told_truly(witness: "Witness") -> Iterable[str]:
    """Who was told that it was paid, or comes back, was told the truth."""
    books = {row.stan: row for row in witness.rig.bank.booked()}
    for each in witness.transfers:
        row = books.get(each.stan)
        expected = expected_fen(witness, each, row)
        failed = any(fault in witness.rig.fired for fault in BANK_FAILS)
        if each.told and not (row is not None and (row.kept or failed)):
            yield f"{each.transaction}: the customer was told of a transfer that was not made"
        if each.told_back and row is not None and row.kept and row.payee_open:
            yield f"{each.transaction}: the customer was told that it comes back, {expected} fen stay debited"


def one_way_only(witness: "Witness") -> Iterable[str]:
    """One approval is paid in one way, and a visit that has had a transfer has no cash after it."""
    for visit in witness.transfers.cash_too:
        yield f"{visit}: cash was asked for after a transfer"
    transfers = {each.stan for each in witness.transfers if each.approved}
    for draw in witness.draws.values():
        if draw.stan in transfers:
            yield f"{draw.transaction}: an approval of a transfer counts as one of cash"


def none_pending(witness: "Witness") -> Iterable[str]:
    """Long after the banks answer again, nothing waits for them."""
    for row in witness.rig.bank.booked():
        if row.pending:
            yield f"transfer {row.stan} is still on its way"
