"""The table of `draws.py`, row by row."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Connection, select

from simulators.authority.ledger.draws import (
    Approval,
    Draw,
    Ending,
    ExchangeKey,
    confirm,
    find_draw,
    give_back,
    held_fen,
    hold,
    reverse,
    unheld_fen,
    used_fen,
)
from simulators.authority.ledger.ledger import Account, LedgerError, balance_fen, ledger_balanced
from simulators.authority.tables.ledger import DrawState, entries
from tests.simulators.authority.kiosk import SHENZHEN, WEIHAI, Clock
from tests.simulators.authority.ledger import books

AT = Clock().now()
TODAY = date(2026, 5, 20)
KEY = ExchangeKey("K0000001", 1, 7, TODAY)
HELD = 50_000


def approve(connection: Connection, key: ExchangeKey = KEY) -> Draw:
    return books.approve(connection, key, HELD)


def make(connection: Connection, state: DrawState) -> None:
    """Bring a draw into a state."""
    if state is DrawState.TOMBSTONE:
        reverse(connection, KEY, SHENZHEN, AT)
        return
    approve(connection)
    if state is DrawState.CONFIRMED:
        confirm(connection, KEY, 30_000, SHENZHEN, AT)
    if state is DrawState.REVERSED:
        reverse(connection, KEY, SHENZHEN, AT)


@pytest.mark.parametrize(
    ("state", "paid", "ending", "after", "debit", "suspense"),
    [
        (None, 30_000, Ending.NOT_FOUND, DrawState.TOMBSTONE, 0, 30_000),
        (None, 0, Ending.NOT_FOUND, DrawState.TOMBSTONE, 0, 0),
        (DrawState.HELD, 30_000, Ending.DONE, DrawState.CONFIRMED, 30_000, 0),
        (DrawState.HELD, HELD, Ending.DONE, DrawState.CONFIRMED, HELD, 0),
        (DrawState.HELD, 0, Ending.DONE, DrawState.CONFIRMED, 0, 0),
        (DrawState.HELD, HELD + 1, Ending.TOO_MUCH, DrawState.HELD, 0, 0),
        (DrawState.CONFIRMED, 30_000, Ending.DONE, DrawState.CONFIRMED, 30_000, 0),
        (DrawState.CONFIRMED, 20_000, Ending.CONFLICT, DrawState.CONFIRMED, 30_000, 0),
        (DrawState.REVERSED, 0, Ending.DONE, DrawState.REVERSED, 0, 0),
        (DrawState.REVERSED, 30_000, Ending.CONFLICT, DrawState.REVERSED, 0, 30_000),
        (DrawState.TOMBSTONE, 30_000, Ending.NOT_FOUND, DrawState.TOMBSTONE, 0, 30_000),
    ],
)
def test_a_confirm(
    connection: Connection, state: DrawState | None, paid: int, ending: Ending, after: DrawState, debit: int,
    suspense: int,
) -> None:  # fmt: skip
    if state is not None:
        make(connection, state)
    for _ in range(2):
        assert confirm(connection, KEY, paid, SHENZHEN, AT) is ending
    draw = find_draw(connection, KEY)

    assert draw is not None
    assert draw.state is after
    assert balance_fen(connection, Account.personal(1)) == 1_000_000 - debit
    assert balance_fen(connection, Account.suspense("K0000001")) == -suspense
    assert balance_fen(connection, Account.terminal_cash("K0000001")) == debit + suspense
    assert ledger_balanced(connection)


@pytest.mark.parametrize(
    ("state", "ending", "after"),
    [
        (None, Ending.NOT_FOUND, DrawState.TOMBSTONE),
        (DrawState.HELD, Ending.DONE, DrawState.REVERSED),
        (DrawState.CONFIRMED, Ending.CONFLICT, DrawState.CONFIRMED),
        (DrawState.REVERSED, Ending.DONE, DrawState.REVERSED),
        (DrawState.TOMBSTONE, Ending.NOT_FOUND, DrawState.TOMBSTONE),
    ],
)
def test_a_reversal(connection: Connection, state: DrawState | None, ending: Ending, after: DrawState) -> None:
    if state is not None:
        make(connection, state)
    for _ in range(2):
        assert reverse(connection, KEY, SHENZHEN, AT) is ending
    draw = find_draw(connection, KEY)

    assert draw is not None
    assert draw.state is after
    assert held_fen(connection, 1) == 0


def test_a_reversal_after_a_confirm_of_nothing_is_fine(connection: Connection) -> None:
    approve(connection)
    confirm(connection, KEY, 0, SHENZHEN, AT)

    assert reverse(connection, KEY, SHENZHEN, AT) is Ending.DONE


def test_a_hold_makes_money_unavailable_without_moving_it(connection: Connection) -> None:
    approve(connection)

    assert (held_fen(connection, 1), unheld_fen(connection, 1)) == (HELD, 950_000)
    assert balance_fen(connection, Account.personal(1)) == 1_000_000


def test_use_counts_holds_and_what_was_paid_on_the_days_of_authorisation(connection: Connection) -> None:
    approve(connection)
    other = ExchangeKey("K0000001", 1, 8, TODAY)
    approve(connection, other)
    confirm(connection, other, 30_000, SHENZHEN, AT)

    assert used_fen(connection, 1, TODAY, TODAY) == HELD + 30_000
    assert used_fen(connection, 1, date(2026, 1, 1), date(2026, 5, 19)) == 0


def test_money_counts_on_the_day_of_its_authorisation_whenever_it_is_posted(connection: Connection) -> None:
    approve(connection)
    confirm(connection, KEY, 30_000, SHENZHEN, AT + timedelta(days=1))

    posted = connection.execute(select(entries).where(entries.c.draw_id.is_not(None))).mappings().one()
    assert posted["business_date"] == TODAY
    assert posted["posted_at"] == (AT + timedelta(days=1)).isoformat()


def test_a_count_can_give_back_what_was_not_paid(connection: Connection) -> None:
    approve(connection)
    confirm(connection, KEY, 30_000, SHENZHEN, AT)
    draw = find_draw(connection, KEY)
    assert draw is not None
    for _ in range(2):
        give_back(connection, "count:1", draw, 10_000, AT)

    assert balance_fen(connection, Account.personal(1)) == 1_000_000 - 20_000
    assert balance_fen(connection, Account.terminal_cash("K0000001")) == 20_000
    assert used_fen(connection, 1, TODAY, TODAY) == 20_000
    assert ledger_balanced(connection)


def test_no_count_gives_back_more_than_was_confirmed(connection: Connection) -> None:
    approve(connection)
    confirm(connection, KEY, 30_000, SHENZHEN, AT)
    draw = find_draw(connection, KEY)
    assert draw is not None

    with pytest.raises(LedgerError):
        give_back(connection, "count:1", draw, 30_001, AT)


def test_a_hold_of_nothing_is_refused(connection: Connection) -> None:
    with pytest.raises(LedgerError):
        hold(connection, KEY, Approval(1, 0, WEIHAI, SHENZHEN, "TREATMENT_AWAY", 1), AT)
