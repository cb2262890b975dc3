from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, update

from simulators.authority.database import Database
from simulators.authority.ledger.ledger import (
    Account,
    LedgerError,
    Line,
    Movement,
    balance_fen,
    ledger_balanced,
    load_cash,
    post,
    wrong_balances,
)
from simulators.authority.report import posting_rows
from simulators.authority.tables.ledger import EntryKind, Part, accounts, postings
from tests.simulators.authority.kiosk import WEIHAI, Clock

AT = Clock().now()
BANK, CASH = Account.bank(1), Account.terminal_cash("K0000001")


@pytest.fixture
def connection() -> Iterator[Connection]:
    with Database().transaction() as connection:
        yield connection


def test_the_same_reference_is_posted_once(connection: Connection) -> None:
    assert load_cash(connection, "load:1", "K0000001", WEIHAI, 100_000, AT)
    assert not load_cash(connection, "load:1", "K0000001", WEIHAI, 100_000, AT)

    assert balance_fen(connection, CASH) == -100_000


@pytest.mark.parametrize(
    "lines",
    [
        (),
        (Line(BANK, debit_fen=1),),
        (Line(BANK, debit_fen=2), Line(CASH, credit_fen=1)),
        (Line(BANK, debit_fen=0), Line(CASH, credit_fen=0)),
        (Line(BANK, debit_fen=1, credit_fen=1), Line(CASH, debit_fen=1, credit_fen=1)),
        (Line(BANK, debit_fen=-1), Line(CASH, credit_fen=-1)),
        (Line(Account.personal(1), debit_fen=1), Line(CASH, credit_fen=1)),
        (Line(BANK, debit_fen=1, part=Part.DEBT), Line(CASH, credit_fen=1)),
    ],
)
def test_an_entry_that_does_not_balance_is_refused_whole(connection: Connection, lines: tuple[Line, ...]) -> None:
    with pytest.raises(LedgerError):
        post(connection, "bad", EntryKind.DRAW, lines, Movement(AT, "bad"))

    assert posting_rows(connection) == ()


def test_an_entry_that_somebody_unbalanced_is_found(connection: Connection) -> None:
    load_cash(connection, "load:1", "K0000001", WEIHAI, 12_345, AT)
    assert ledger_balanced(connection)
    connection.execute(insert(postings).values(entry_id=1, account_id=1, debit_fen=1, credit_fen=0))

    assert not ledger_balanced(connection)


def test_a_balance_that_does_not_follow_from_the_postings_is_found(connection: Connection) -> None:
    post(connection, "move", EntryKind.DRAW, (Line(BANK, debit_fen=5), Line(CASH, credit_fen=5)), Movement(AT, "move"))
    assert (balance_fen(connection, BANK), wrong_balances(connection)) == (-5, [])
    connection.execute(update(accounts).where(accounts.c.kind == "bank").values(balance_fen=7))

    assert wrong_balances(connection) == ["bank:1"]


def test_a_movement_tells_where_when_and_what_for(connection: Connection) -> None:
    lines = (Line(BANK, debit_fen=5), Line(CASH, credit_fen=5))
    post(connection, "draw", EntryKind.DRAW, lines, Movement(AT, "cash", "K0000001", WEIHAI, "TREATMENT_AWAY"))
    row = posting_rows(connection)[0]

    assert (row.text, row.terminal, row.place, row.purpose) == ("cash", "K0000001", WEIHAI, "TREATMENT_AWAY")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 10**9)), max_size=10))
def test_whatever_is_posted_all_balances_together_are_nothing(moves: list[tuple[int, int, int]]) -> None:
    parties = (BANK, CASH, Account.clearing(WEIHAI), Account.suspense("K0000001"))
    with Database().transaction() as connection:
        for number, (giver, taker, fen) in enumerate(moves):
            lines = (Line(parties[giver], debit_fen=fen), Line(parties[taker], credit_fen=fen))
            post(connection, f"move:{number}", EntryKind.DRAW, lines, Movement(AT, "move"))

        assert sum(balance_fen(connection, party) for party in parties) == 0
        assert ledger_balanced(connection)
        assert wrong_balances(connection) == []
