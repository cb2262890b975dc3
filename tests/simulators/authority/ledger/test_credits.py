"""Credits by kind, corrections, and the debt that a late correction leaves."""

from datetime import date

import pytest
from sqlalchemy import Connection, select

from simulators.authority.ledger.credits import correct_person, credit_person, debt_fen
from simulators.authority.ledger.draws import confirm, unheld_fen
from simulators.authority.ledger.fund_parts import drawable_fen, wrong_parts
from simulators.authority.ledger.ledger import Account, LedgerError, balance_fen, ledger_balanced, wrong_balances
from simulators.authority.ledger.usage import available_fen
from simulators.authority.tables.ledger import CreditKind, entries, fund_parts
from tests.simulators.authority.kiosk import SHENZHEN, WEIHAI
from tests.simulators.authority.ledger.books import AT, approve, key

JIA = Account.personal(1)


def credit(connection: Connection, name: str, fen: int, kind: CreditKind, vintage: date | None = None) -> bool:
    return credit_person(connection, name, 1, WEIHAI, fen, AT, kind, vintage)


@pytest.mark.req("S2-71", "S1-77")
def test_a_balance_is_made_of_credits_of_several_kinds(connection: Connection) -> None:
    credit(connection, "2025", 30_000, CreditKind.TRANSFER_IN, date(2025, 7, 1))
    credit(connection, "arrears", 20_000, CreditKind.ARREARS)
    credit(connection, "interest", 7, CreditKind.INTEREST)

    kinds = connection.scalars(select(entries.c.credit_kind).where(entries.c.reference != "opening:2")).all()
    assert kinds == ["contribution", "transfer_in", "arrears", "interest"]
    assert balance_fen(connection, JIA) == 1_050_007
    assert balance_fen(connection, Account.clearing(WEIHAI)) == -1_050_007
    assert drawable_fen(connection, 1, date(2026, 1, 1)) == 30_000


def test_a_credit_is_posted_once_and_is_more_than_nothing(connection: Connection) -> None:
    assert credit(connection, "may", 100, CreditKind.CONTRIBUTION)
    assert not credit(connection, "may", 100, CreditKind.CONTRIBUTION)
    assert balance_fen(connection, JIA) == 1_000_100
    with pytest.raises(LedgerError):
        credit(connection, "nothing", 0, CreditKind.CONTRIBUTION)


def test_a_correction_takes_from_the_credit_that_was_wrong_and_then_from_the_newest(connection: Connection) -> None:
    credit(connection, "old", 1_000, CreditKind.CONTRIBUTION, date(2024, 1, 1))
    credit(connection, "wrong", 1_000, CreditKind.CONTRIBUTION, date(2025, 1, 1))
    assert correct_person(connection, "refund", 1, WEIHAI, -1_500, AT, of="wrong")
    assert not correct_person(connection, "refund", 1, WEIHAI, -1_500, AT, of="wrong")

    parts = connection.execute(select(fund_parts.c.reference, fund_parts.c.left_fen))
    assert {row.reference: row.left_fen for row in parts} == {
        "opening:1": 999_500,
        "opening:2": 500_000,
        "old": 1_000,
        "wrong": 0,
    }


@pytest.mark.req("S1-77")
def test_a_correction_below_the_holds_leaves_nothing_available_and_the_payout_a_visible_debt(
    connection: Connection,
) -> None:
    """The hold was given in good faith: it is honoured, and what lacks is owed."""
    approve(connection, key(1), 600_000)
    correct_person(connection, "refund", 1, WEIHAI, -700_000, AT)
    assert (unheld_fen(connection, 1), available_fen(connection, 1, 0), debt_fen(connection, 1)) == (-300_000, 0, 0)

    confirm(connection, key(1), 600_000, SHENZHEN, AT)
    assert (balance_fen(connection, JIA), debt_fen(connection, 1)) == (-300_000, 300_000)
    assert available_fen(connection, 1, 0) == 0

    credit(connection, "june", 100_000, CreditKind.CONTRIBUTION)
    assert debt_fen(connection, 1) == 200_000
    credit(connection, "july", 250_000, CreditKind.CONTRIBUTION)
    assert (debt_fen(connection, 1), available_fen(connection, 1, 0)) == (0, 50_000)
    assert (ledger_balanced(connection), wrong_balances(connection), wrong_parts(connection)) == (True, [], [])
