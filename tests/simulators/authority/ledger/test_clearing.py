"""What regions owe each other, each payout in one run."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Connection

from simulators.authority.ledger.clearing import Position, clear_day, clear_ended_days, statement
from simulators.authority.ledger.draws import give_back
from simulators.authority.ledger.ledger import LedgerError, ledger_balanced
from simulators.authority.report import posting_rows
from tests.simulators.authority.kiosk import SHENZHEN, SUZHOU, WEIHAI
from tests.simulators.authority.ledger.books import AT, TODAY, key, pay

TOMORROW = AT + timedelta(days=1)


def test_a_day_is_netted_for_each_pair_of_regions(connection: Connection) -> None:
    pay(connection, key(1), 50_000)
    pay(connection, key(2), 10_000)
    pay(connection, key(3), 20_000, person_id=2, home=SHENZHEN, place=WEIHAI)
    pay(connection, key(4), 30_000, person_id=2, home=SUZHOU, place=SHENZHEN)
    pay(connection, key(5), 70_000, place="371082")

    found = clear_day(connection, TODAY, TOMORROW)
    assert found == (Position(SUZHOU, SHENZHEN, 30_000, 0, 1), Position(WEIHAI, SHENZHEN, 60_000, 20_000, 3))
    assert [each.net_fen for each in found] == [30_000, 40_000]
    assert statement(connection, TODAY) == found
    assert ledger_balanced(connection)
    settled = [row for row in posting_rows(connection) if row.text.startswith("clearing of")]
    assert {(row.account, row.debit_fen, row.credit_fen) for row in settled} == {
        ("clearing:371000", 40_000, 0),
        ("clearing:440300", 0, 40_000),
        ("clearing:320500", 30_000, 0),
        ("clearing:440300", 0, 30_000),
    }


@pytest.mark.req("S1-05")
def test_what_comes_late_is_in_a_later_run_and_nothing_is_in_two(connection: Connection) -> None:
    draw = pay(connection, key(1), 50_000)
    for _ in range(2):
        assert [each.net_fen for each in clear_day(connection, TODAY, TOMORROW)] == [50_000]
    give_back(connection, "count", draw, 20_000, TOMORROW)
    pay(connection, key(2), 10_000, TOMORROW)

    (late,) = clear_day(connection, TODAY + timedelta(days=1), TOMORROW + timedelta(days=1))
    assert (late.debtor, late.creditor, late.net_fen) == (SHENZHEN, WEIHAI, 10_000)
    assert clear_day(connection, TODAY + timedelta(days=2), TOMORROW + timedelta(days=2)) == ()


def test_a_day_is_cleared_once_it_has_ended(connection: Connection) -> None:
    with pytest.raises(LedgerError):
        clear_day(connection, TODAY, AT)
    assert clear_ended_days(connection, TOMORROW) == 1
    assert clear_ended_days(connection, TOMORROW) == 0
    assert statement(connection, date(2026, 1, 1)) == ()
