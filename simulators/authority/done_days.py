"""What is done once for each day, whoever's clock comes to it first. Days of an authority that was off are made up."""

from datetime import date, datetime, timedelta

from sqlalchemy import Connection, bindparam, func, insert, select

from simulators.authority.ledger.ledger import insert_unless_there
from simulators.authority.tables.clockwork import done_days

_LAST = select(func.max(done_days.c.day)).where(done_days.c.chore == bindparam("chore"))
_DONE = insert(done_days)


def days_to_do(connection: Connection, chore: str, upto: date, at: datetime) -> tuple[date, ...]:
    """The days up to and with `upto` for which a chore is to be done now, oldest first; they count as done from now on.

    The very first time it is `upto` alone. The caller does the chore in this transaction, so either both is kept or
    nothing.
    """
    last = connection.scalar(_LAST, {"chore": chore})
    begins = upto if last is None else last + timedelta(days=1)
    days = [begins + timedelta(days=number) for number in range((upto - begins).days + 1)]
    row = {"chore": chore, "at": at.isoformat()}
    return tuple(day for day in days if insert_unless_there(connection, _DONE, {**row, "day": day}))
