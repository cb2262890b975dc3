"""Tells a person, once each time, that the balance has fallen below what the person set for it."""

from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from protocol.service_line.values import yuan
from simulators.authority.applications.notifications import Notice, notify
from simulators.authority.ledger.ledger import Account, balance_fen
from simulators.authority.tables.people import persons

_SET = select(persons.c.low_balance_fen).where(persons.c.id == bindparam("person"))


def debited(connection: Connection, person_id: int, fen: int, at: datetime) -> None:
    """`fen` have just been taken from the account."""
    lowest_fen = connection.scalar(_SET, {"person": person_id})
    if lowest_fen is None:
        return
    left_fen = balance_fen(connection, Account.personal(person_id))
    if left_fen < lowest_fen <= left_fen + fen:
        notify(connection, person_id, Notice.LOW_BALANCE, f"person:{person_id}", at, {"below": yuan(lowest_fen)})
