"""The money of a settlement in the books: a difference leaves the personal account, a recovery comes back to it.

The pooled fund has no account here and is never touched: what it pays of an invoice goes by a normal claim.
"""

from datetime import datetime

from sqlalchemy import Connection

from simulators.authority.applications.bank import account_of_card
from simulators.authority.hsm import SoftHsm
from simulators.authority.invoices.cases import Case
from simulators.authority.ledger.credits import credit_person, debit_person
from simulators.authority.ledger.draws import unheld_fen
from simulators.authority.ledger.ledger import Account, Movement
from simulators.authority.tables.ledger import CreditKind, EntryKind


def payable_fen(connection: Connection, person_id: int) -> int:
    """What of a difference the personal account can bear: nothing that is held for a payout."""
    return max(0, unheld_fen(connection, person_id))


def pay(connection: Connection, hsm: SoftHsm, case: Case, fen: int, at: datetime) -> None:
    """Pay a difference out of the personal account, to the bank account of the person's card.

    Without a card in use the region pays it out at its counter, over its clearing account.
    """
    bank = account_of_card(connection, hsm, case.person_id)
    to = Account.clearing(case.home) if bank is None or not bank.is_open else Account.bank(bank.id)
    movement = Movement(at, "difference of a settlement", place=case.place, purpose=case.purpose)
    reference = f"settlement:{case.id}:{case.paid_fen + fen}"
    debit_person(connection, reference, EntryKind.SETTLEMENT, case.person_id, fen, to, movement)


def take_in(connection: Connection, case: Case, fen: int, at: datetime) -> None:
    """The person has paid back part of an advance: it stands on the personal account again."""
    reference = f"recovery:{case.id}:{case.repaid_fen + fen}"
    credit_person(connection, reference, case.person_id, case.home, fen, at, CreditKind.RECOVERY)
