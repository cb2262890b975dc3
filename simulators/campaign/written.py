"""What customers have the service line do once: apply, hand in an invoice, report a card.

A request that is asked once more has the id of the first. What was told as done is in the books, once; what nobody
heard of may be there or not. Finds nothing by itself: rules compare what is here.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from sqlalchemy import Engine, Table, func, select

from protocol.service_line.applications import APPLY
from protocol.service_line.cards import LOSS
from protocol.service_line.invoices import INVOICE
from simulators.authority.tables.applications import applications
from simulators.authority.tables.invoices import invoice_shares, invoices
from terminal.journal import Entry, Record

if TYPE_CHECKING:
    from simulators.campaign.witness import Witness

ROWS: Final[Mapping[str, Table]] = {APPLY.infno: applications, INVOICE.infno: invoices}
"""What a request leaves in the authority's books, a row for each, by number of the service."""

NAMES: Final[Mapping[str, str]] = {APPLY.infno: "applications", INVOICE.infno: "invoices"}

DONE: Final = "done"


class Written:
    """Counts what the terminal asked for and was told, by number of the service; `books` is the host's database."""

    def __init__(self, books: Engine) -> None:
        self.asked: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self._before = _rows(books)

    def hear(self, record: Record) -> None:
        """The journal has one record more."""
        match record.kind:
            case Entry.SERVICE_REQUEST:
                self.asked[record.data["infno"]] += 1
            case Entry.SERVICE_ANSWER if record.data["ended"] == DONE:
                self.done[record.data["infno"]] += 1

    def made(self, books: Engine) -> Mapping[str, int]:
        """How many rows came to be since the beginning."""
        return {infno: number - self._before[infno] for infno, number in _rows(books).items()}


def is_reported(record: Record) -> bool:
    """This record says that the customer was told: the card is lost from now on."""
    data = record.data
    return record.kind == Entry.SERVICE_ANSWER and data["infno"] == LOSS.infno and data["ended"] == DONE


# What the rules ask


def done_once(witness: "Witness") -> Iterable[str]:
    """As many applications and invoices are there as customers were told of, and none that nobody asked for."""
    written = witness.written
    for infno, number in written.made(witness.rig.books).items():
        asked, done = written.asked[infno], written.done[infno]
        if not done <= number <= asked:
            yield f"{asked} {NAMES[infno]} were handed in, {done} were told as done, and {number} are there"


def proven_once(witness: "Witness") -> Iterable[str]:
    """No invoice proves more than it is worth."""
    share = func.coalesce(func.sum(invoice_shares.c.fen), 0)
    proven = select(invoices.c.id, invoices.c.amount_fen, share).outerjoin_from(invoices, invoice_shares)
    with witness.rig.books.connect() as connection:
        for row in connection.execute(proven.group_by(invoices.c.id, invoices.c.amount_fen)).all():
            if row[2] > row.amount_fen:
                yield f"invoice {row.id} of {row.amount_fen} fen proves {row[2]} fen"


def _rows(books: Engine) -> dict[str, int]:
    with books.connect() as connection:
        return {
            infno: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for infno, table in ROWS.items()
        }
