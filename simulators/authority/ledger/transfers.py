"""Transfers to the person's own bank account: held and paid in one go, and never lost where the bank fails.

    transfer | the bank credits | it does not answer     | account closed | the terminal gives it up
    new      | CREDITED         | PENDING, tried again   | RETURNED       |
    PENDING  | CREDITED         | RETURNED past deadline | RETURNED       | RETURNED
    CREDITED |                  |                        |                | RETURNED: the bank takes it back
    RETURNED |                  |                        |                | as it is

A pending transfer has left the personal account and stands on an account of its own; a returned one is back in the
parts, on the day and in the year that it came from.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update

from simulators.authority.applications.bank import PayeeAccount, account_by_id, account_of_card
from simulators.authority.hsm import SoftHsm
from simulators.authority.ledger.draw_rows import Draw, Key, change_draw, draw_by_id, find_draw
from simulators.authority.ledger.draws import Ending, reverse
from simulators.authority.ledger.ledger import Account, LedgerError, Line, post
from simulators.authority.ledger.payout_entries import capture, give_back, movement
from simulators.authority.ledger.person_lock import lock_person
from simulators.authority.policy.vocabulary import PayoutMode
from simulators.authority.supervision.incidents import note_incident
from simulators.authority.tables.applications import AccountState, payee_accounts
from simulators.authority.tables.ledger import DrawState, EntryKind, TransferState, bank_outages, transfers
from simulators.authority.tables.people import persons

_WHO = select(persons.c.id_index, persons.c.name_sealed).where(persons.c.id == bindparam("person"))
_ENTER = insert(transfers)
_CHANGE = update(transfers).where(transfers.c.draw_id == bindparam("draw"))
_FIND = select(transfers).where(transfers.c.draw_id == bindparam("draw"))
_BANK = (
    select(payee_accounts.c.state, bank_outages.c.prefix)
    .select_from(
        payee_accounts.outerjoin(
            bank_outages, func.substr(payee_accounts.c.masked_number, 1, 6) == bank_outages.c.prefix
        )
    )
    .where(payee_accounts.c.id == bindparam("account"))
)
_DUE = (
    select(transfers.c.draw_id)
    .where(
        transfers.c.state == TransferState.PENDING,
        or_(transfers.c.next_attempt_at <= bindparam("now"), transfers.c.deadline <= bindparam("now")),
    )
    .order_by(transfers.c.draw_id)
)


class PayeeProblem(StrEnum):
    """Why money can't go to an account; also the keys of the texts."""

    NO_ACCOUNT = "payee_no_account"
    NOT_OWN = "payee_not_own"  # ID number and name are not the person's
    CLOSED = "payee_closed"


class BankAnswer(StrEnum):
    """What the bank says to a credit."""

    CREDITED = "credited"
    NO_ANSWER = "no_answer"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class TransferRules:
    """When a credit is tried again, and when the money goes back."""

    retry_after: timedelta = timedelta(minutes=10)
    return_after: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Transfer:
    """Where the money of a transfer is, for whoever asks. Times are ISO 8601."""

    draw_id: int
    amount_fen: int
    state: TransferState
    attempts: int
    deadline: str
    ended_at: str | None
    cause: str | None


def own_payee(
    connection: Connection, hsm: SoftHsm, person_id: int, payee_account_id: int | None
) -> PayeeAccount | PayeeProblem:
    """The account that money may go to: open, and the person's own by ID number and name.

    None asks for the account of the person's card, where no application names another.
    """
    if payee_account_id is None:
        account = account_of_card(connection, hsm, person_id)
    else:
        account = account_by_id(connection, hsm, payee_account_id)
    if account is None:
        return PayeeProblem.NO_ACCOUNT
    who = connection.execute(_WHO, {"person": person_id}).one()
    if not account.is_of(who.id_index, hsm.unseal(who.name_sealed)):
        return PayeeProblem.NOT_OWN
    return account if account.is_open else PayeeProblem.CLOSED


def pay_transfer(
    connection: Connection,
    key: Key,
    at: datetime,
    rules: TransferRules = TransferRules(),  # frozen
) -> TransferState:
    """Pay what is held for a transfer, to the last fen. A transfer that is paid already stays as it is."""
    draw = find_draw(connection, key, lock=True)
    if draw is None or draw.mode is not PayoutMode.TRANSFER or draw.payee_account_id is None:
        raise LedgerError("a transfer is paid after its hold")
    if draw.state is not DrawState.HELD:
        found = transfer_of(connection, draw.id)
        if found is None:
            raise LedgerError("this transfer was given up before it was paid")
        return found.state
    answer = ask_bank(connection, draw.payee_account_id)
    to = draw.destination if answer is BankAnswer.CREDITED else Account.transfer(draw.payee_account_id)
    capture(connection, draw, draw.amount_fen, at, to)
    credited = answer is BankAnswer.CREDITED
    connection.execute(
        _ENTER,
        {
            "draw_id": draw.id,
            "amount_fen": draw.amount_fen,
            "state": TransferState.CREDITED if credited else TransferState.PENDING,
            "attempts": 1,
            "next_attempt_at": None if credited else (at + rules.retry_after).isoformat(),
            "deadline": (at + rules.return_after).isoformat(),
            "ended_at": at.isoformat() if credited else None,
            "cause": None if credited else answer,
        },
    )
    if answer is BankAnswer.CLOSED:
        return _return(connection, draw, at, answer)
    if not credited:
        note_incident(connection, at, "transfer pending", "the bank did not answer", draw.terminal, draw.id)
    return TransferState.CREDITED if credited else TransferState.PENDING


def recall_transfer(connection: Connection, key: Key, place: str, at: datetime) -> Ending:
    """Whoever asked for a transfer has heard no answer and gives it up: the money comes back, once."""
    draw = find_draw(connection, key, lock=True)
    if draw is None or draw.state is not DrawState.CONFIRMED or draw.mode is not PayoutMode.TRANSFER:
        return reverse(connection, key, place, at)
    assert draw.payee_account_id is not None
    found = transfer_of(connection, draw.id)
    assert found is not None, "what is confirmed was paid"
    if found.state is TransferState.CREDITED and ask_bank(connection, draw.payee_account_id) is BankAnswer.CLOSED:
        return Ending.CONFLICT  # it is the person's, and the bank has paid it out
    if found.state is not TransferState.RETURNED:
        _return(connection, draw, at, "recalled", found.state)
    change_draw(connection, draw, state=DrawState.REVERSED)
    return Ending.DONE


def retry_transfers(
    connection: Connection,
    at: datetime,
    rules: TransferRules = TransferRules(),  # frozen
) -> int:
    """Ask the banks again for what is due, and return what is past its deadline; how many have come to an end."""
    ended = 0
    for draw_id in connection.scalars(_DUE, {"now": at.isoformat()}).all():
        draw = draw_by_id(connection, draw_id, lock=True)
        found = transfer_of(connection, draw_id)
        assert draw.payee_account_id is not None
        if found is None or found.state is not TransferState.PENDING:
            continue
        answer = ask_bank(connection, draw.payee_account_id)
        if answer is BankAnswer.CREDITED:
            _credit(connection, draw, found.amount_fen, at)
        elif answer is BankAnswer.CLOSED or found.deadline <= at.isoformat():
            _return(connection, draw, at, answer)
        else:
            again = {"attempts": found.attempts + 1, "next_attempt_at": (at + rules.retry_after).isoformat()}
            connection.execute(_CHANGE, {"draw": draw_id, **again})
            continue
        ended += 1
    return ended


def transfer_of(connection: Connection, draw_id: int) -> Transfer | None:
    """The transfer of a draw; None for cash and for what was not paid yet."""
    row = connection.execute(_FIND, {"draw": draw_id}).mappings().first()
    if row is None:
        return None
    return Transfer(
        draw_id,
        row["amount_fen"],
        TransferState(row["state"]),
        row["attempts"],
        row["deadline"],
        row["ended_at"],
        row["cause"],
    )


def ask_bank(connection: Connection, payee_account_id: int) -> BankAnswer:
    """Would the bank of an account credit it now?"""
    row = connection.execute(_BANK, {"account": payee_account_id}).first()
    if row is None or row[0] == AccountState.CLOSED:
        return BankAnswer.CLOSED
    return BankAnswer.CREDITED if row[1] is None else BankAnswer.NO_ANSWER


def set_bank_down(connection: Connection, prefix: str, at: datetime, *, down: bool) -> None:
    """For simulations: the bank whose account numbers begin with these six digits does not answer, or does again."""
    connection.execute(delete(bank_outages).where(bank_outages.c.prefix == prefix))
    if down:
        connection.execute(insert(bank_outages).values(prefix=prefix, since=at.isoformat()))


def _credit(connection: Connection, draw: Draw, fen: int, at: datetime) -> None:
    assert draw.payee_account_id is not None
    assert draw.person_id is not None
    lock_person(connection, draw.person_id)
    lines = (Line(Account.transfer(draw.payee_account_id), debit_fen=fen), Line(draw.destination, credit_fen=fen))
    post(connection, f"credit:{draw.id}", EntryKind.TRANSFER, lines, movement(draw, at, "credited by the bank"))
    _end(connection, draw, TransferState.CREDITED, at, None)


def _return(
    connection: Connection, draw: Draw, at: datetime, cause: str, state: TransferState = TransferState.PENDING
) -> TransferState:
    assert draw.payee_account_id is not None
    fen = draw_by_id(connection, draw.id).kept_fen
    source = draw.destination if state is TransferState.CREDITED else Account.transfer(draw.payee_account_id)
    give_back(connection, f"return:{draw.id}", draw, fen, at, source)
    _end(connection, draw, TransferState.RETURNED, at, cause)
    note_incident(connection, at, "transfer returned", cause, draw.terminal, draw.id)
    return TransferState.RETURNED


def _end(connection: Connection, draw: Draw, state: TransferState, at: datetime, cause: str | None) -> None:
    values = {"state": state, "ended_at": at.isoformat(), "next_attempt_at": None, "cause": cause}
    connection.execute(_CHANGE, {"draw": draw.id, **values})
