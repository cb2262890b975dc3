"""What the books say of a payout: the debit by parts, the way of the money, and what regions use of their ceilings.

Money counts on the day and in the year of its authorisation, whenever it is posted or given back.
"""

from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, update

from simulators.authority.applications.used_up import money_moved
from simulators.authority.ledger.credits import debit_lines
from simulators.authority.ledger.draw_rows import Draw, change_draw, draw_by_id
from simulators.authority.ledger.fund_parts import Share, put_back, take
from simulators.authority.ledger.ledger import (
    Account,
    LedgerError,
    Line,
    Movement,
    balance_fen,
    insert_unless_there,
    is_posted,
    post,
)
from simulators.authority.ledger.person_lock import lock_person
from simulators.authority.people.low_balance import debited
from simulators.authority.policy.pooling import pooling_region
from simulators.authority.policy.vocabulary import PayoutMode
from simulators.authority.tables.ledger import DrawState, EntryKind, region_days

_COUNT = (
    update(region_days)
    .where(region_days.c.region == bindparam("of"), region_days.c.business_date == bindparam("on"))
    .values(
        insured_fen=region_days.c.insured_fen + bindparam("insured"),
        paid_fen=region_days.c.paid_fen + bindparam("paid"),
    )
)
_FIRST_OF_DAY = insert(region_days)


def capture(connection: Connection, draw: Draw, paid_fen: int, at: datetime, to: Account | None = None) -> None:
    """`paid_fen` (0 or more) of what is held were paid; the rest is free again. `to` None: where the draw goes."""
    assert draw.person_id is not None
    lock_person(connection, draw.person_id)
    if paid_fen:
        shares = take(connection, draw.person_id, paid_fen, draw.funds, draw.key.business_date)
        text = "cash withdrawal" if draw.mode is PayoutMode.CASH else "transfer to the own account"
        lines = payout_lines(draw, shares, to or draw.destination)
        post(connection, f"draw:{draw.id}", EntryKind.DRAW, lines, movement(draw, at, text))
        debited(connection, draw.person_id, paid_fen, at)
    change_draw(connection, draw, state=DrawState.CONFIRMED, confirmed_fen=paid_fen)
    count_for_regions(connection, draw, paid_fen - draw.amount_fen)
    if draw.application_id is not None:
        money_moved(connection, draw.application_id, at)


def release(connection: Connection, draw: Draw) -> None:
    """Nothing of what is held was paid."""
    change_draw(connection, draw, state=DrawState.REVERSED)
    count_for_regions(connection, draw, -draw.amount_fen)


def suspend(connection: Connection, draw: Draw, paid_fen: int, at: datetime) -> None:
    """`paid_fen` were paid without an open approval: people decide whose they are."""
    if paid_fen:
        lines = (
            Line(Account.suspense(draw.payer), debit_fen=paid_fen),
            Line(draw.destination, credit_fen=paid_fen),
        )
        told = movement(draw, at, "paid out without an open approval")
        post(connection, f"exception:{draw.id}", EntryKind.EXCEPTION, lines, told)


def give_back(
    connection: Connection, reference: str, draw: Draw, fen: int, at: datetime, source: Account | None = None
) -> bool:
    """`fen` of a confirmed draw were not paid after all: a count says so, or a transfer came back.

    They return to the parts, the day and the year that they came from. `source` None: where the draw went. Once per
    reference. Raises LedgerError for more than was confirmed.
    """
    draw = draw_by_id(connection, draw.id, lock=True)
    assert draw.person_id is not None
    lock_person(connection, draw.person_id)
    if is_posted(connection, reference):
        return False
    if fen <= 0 or fen > draw.kept_fen:
        raise LedgerError("only what was confirmed can be given back")
    debt_fen = -balance_fen(connection, Account.personal(draw.person_id))
    shares = put_back(connection, reference, draw.id, draw.person_id, fen, debt_fen, draw.key.business_date)
    lines = tuple(
        Line(line.account, line.credit_fen, line.debit_fen, line.part, line.part_id)
        for line in payout_lines(draw, shares, source or draw.destination)
    )
    post(connection, reference, EntryKind.GIVE_BACK, lines, movement(draw, at, "given back"))
    change_draw(connection, draw, given_back_fen=draw.given_back_fen + fen)
    count_for_regions(connection, draw, -fen)
    if draw.application_id is not None:
        money_moved(connection, draw.application_id, at)
    return True


def payout_lines(draw: Draw, shares: list[Share], to: Account) -> tuple[Line, ...]:
    """The lines of money that went from a person's account; notes paid elsewhere go over the clearing of regions."""
    assert draw.person_id is not None
    assert draw.home is not None
    fen = sum(share.fen for share in shares)
    person = debit_lines(Account.personal(draw.person_id), shares)
    out = Line(to, credit_fen=fen)
    if draw.mode is PayoutMode.TRANSFER or pooling_region(draw.home) == pooling_region(draw.place):
        return *person, out
    home_owes = Line(Account.clearing(draw.home), credit_fen=fen)
    place_is_owed = Line(Account.clearing(draw.place), debit_fen=fen)
    return *person, home_owes, place_is_owed, out


def movement(draw: Draw, at: datetime, text: str) -> Movement:
    """A movement of the day on which the draw was authorised, whenever it is posted."""
    return Movement(at, text, draw.terminal, draw.place, draw.purpose, draw.id, draw.key.business_date)


def count_for_regions(connection: Connection, draw: Draw, fen: int) -> None:
    """The use of home's and place's ceilings on the draw's own day changes by `fen`."""
    if fen == 0:
        return
    assert draw.home is not None
    home, place = pooling_region(draw.home), pooling_region(draw.place)
    for region in sorted({home, place}):  # in one order, so that nobody waits for each other
        use = {"insured": fen if region == home else 0, "paid": fen if region == place else 0}
        named = {"of": region, "on": draw.key.business_date, **use}
        if connection.execute(_COUNT, named).rowcount == 0:
            row = {
                "region": region,
                "business_date": draw.key.business_date,
                "insured_fen": use["insured"],
                "paid_fen": use["paid"],
            }
            if not insert_unless_there(connection, _FIRST_OF_DAY, row):
                connection.execute(_COUNT, named)
