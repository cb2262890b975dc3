"""Which part of an account pays, and where money returns to."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select

from simulators.authority.database import Database
from simulators.authority.ledger.credits import correct_person, credit_person
from simulators.authority.ledger.draws import confirm, find_draw, give_back, held_fen, reverse, used_fen
from simulators.authority.ledger.fund_parts import FundRule, wrong_parts
from simulators.authority.ledger.ledger import Account, LedgerError, balance_fen, ledger_balanced, wrong_balances
from simulators.authority.policy.vocabulary import FundPart
from simulators.authority.tables.ledger import (
    AccountKind,
    CreditKind,
    Part,
    accounts,
    entries,
    fund_parts,
    postings,
    region_days,
)
from tests.simulators.authority.kiosk import SHENZHEN, WEIHAI
from tests.simulators.authority.ledger.books import AT, TODAY, approve, found, key, open_books, pay

OLD_FIRST = FundRule()
NEW_FIRST = FundRule((FundPart.CURRENT_YEAR, FundPart.CARRIED_OVER))
JIA = Account.personal(1)


def told(connection: Connection, kind: str) -> list[tuple[str | None, str | None, int]]:
    """What the postings of draws on the personal account tell: part, credit it came from, debit less credit."""
    query = (
        select(postings.c.part, fund_parts.c.reference, postings.c.debit_fen - postings.c.credit_fen)
        .select_from(postings.join(accounts).join(entries).outerjoin(fund_parts))
        .where(accounts.c.kind == AccountKind.PERSONAL, entries.c.kind == kind)
        .order_by(postings.c.id)
    )
    return [(part, reference, fen) for part, reference, fen in connection.execute(query)]


@pytest.fixture
def books(connection: Connection) -> Connection:
    """Person 1 has 10,000 yuan of this year and 300 of two earlier ones."""
    credit_person(connection, "2025", 1, WEIHAI, 20_000, AT, CreditKind.CONTRIBUTION, date(2025, 12, 31))
    credit_person(connection, "2021", 1, WEIHAI, 10_000, AT, CreditKind.TRANSFER_IN, date(2021, 6, 1))
    return connection


OF_2021, OF_2025 = ("CARRIED_OVER", "2021", 10_000), ("CARRIED_OVER", "2025", 20_000)


@pytest.mark.req("S2-14")
@pytest.mark.parametrize(
    ("rule", "parts"),
    [
        (OLD_FIRST, [OF_2021, OF_2025, ("CURRENT_YEAR", "opening:1", 5_000)]),
        (NEW_FIRST, [("CURRENT_YEAR", "opening:1", 35_000)]),
        (
            FundRule(carried_over_before=date(2025, 7, 1)),
            [OF_2021, ("CURRENT_YEAR", "2025", 20_000), ("CURRENT_YEAR", "opening:1", 5_000)],
        ),
        (
            FundRule(NEW_FIRST.order, vintage_before=date(2022, 9, 1)),
            [OF_2021, ("CURRENT_YEAR", "opening:1", 25_000)],
        ),
    ],
    ids=["carried over first", "current year first", "a year that begins in July", "only old credits are for drawing"],
)
def test_parts_pay_in_the_order_of_the_policy_and_each_posting_tells_its_part(
    books: Connection, rule: FundRule, parts: list[Any]
) -> None:
    pay(books, key(1), 35_000, funds=rule)

    assert told(books, "draw") == parts
    assert wrong_parts(books) == []


@pytest.mark.req("S2-26")
def test_what_is_given_back_returns_to_its_parts_its_day_and_its_year(books: Connection) -> None:
    """Also in the new year, when what was the current year has become carried over."""
    december = date(2026, 12, 31)
    draw = pay(books, key(1, december), 35_000, AT.replace(month=12, day=31))
    for _ in range(2):
        give_back(books, "count:1", draw, 15_000, AT.replace(year=2027, month=1, day=2))

    assert told(books, "give_back") == [("CURRENT_YEAR", "opening:1", -5_000), ("CARRIED_OVER", "2025", -10_000)]
    assert used_fen(books, 1, date(2026, 1, 1), december) == 20_000
    assert used_fen(books, 1, date(2027, 1, 1), date(2027, 12, 31)) == 0
    assert books.scalar(select(region_days.c.insured_fen).where(region_days.c.region == WEIHAI)) == 20_000
    assert wrong_parts(books) == []


def test_what_is_given_back_settles_a_debt_first(books: Connection) -> None:
    draw = pay(books, key(1), 1_000_000)
    correct_person(books, "refund", 1, WEIHAI, -40_000, AT)
    give_back(books, "count:1", draw, 50_000, AT)

    assert told(books, "give_back")[0] == ("DEBT", None, -10_000)
    assert balance_fen(books, JIA) == 40_000
    assert wrong_parts(books) == []


@pytest.mark.req("S1-18", "S2-13", "S2-14", "S2-10")
@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["hold", "confirm", "reverse", "give back", "credit", "correct"]), st.integers(1, 4),
                  st.integers(1, 700_000), st.sampled_from([OLD_FIRST, NEW_FIRST, FundRule(vintage_before=TODAY)])),
        max_size=14,
    )
)  # fmt: skip
def test_whatever_happens_only_the_personal_fund_moves_and_every_sum_can_be_proven(moves: list[Any]) -> None:
    """Parts, carried balances, ceilings and holds all say what the postings and draws say."""
    with Database().transaction() as connection:
        open_books(connection)
        for number, (move, stan, fen, rule) in enumerate(moves):
            draw = find_draw(connection, key(stan))
            match move:
                case "hold" if draw is None:
                    approve(connection, key(stan), fen, funds=rule)
                case "confirm":
                    confirm(connection, key(stan), fen, SHENZHEN, AT)
                case "reverse":
                    reverse(connection, key(stan), SHENZHEN, AT)
                case "give back" if draw is not None and draw.kept_fen:
                    give_back(connection, f"back:{number}", draw, min(fen, draw.kept_fen), AT)
                case "credit":
                    credit_person(connection, f"credit:{number}", 1, WEIHAI, fen, AT)
                case "correct":
                    correct_person(connection, f"correct:{number}", 1, WEIHAI, -fen, AT)
                case _:
                    pass

        kinds = set(connection.scalars(select(accounts.c.kind)))
        assert kinds <= {AccountKind.PERSONAL, AccountKind.CLEARING, AccountKind.TERMINAL_CASH, AccountKind.SUSPENSE}
        assert set(connection.scalars(select(accounts.c.fund))) <= {None, "310200"}
        assert ledger_balanced(connection)
        assert (wrong_balances(connection), wrong_parts(connection)) == ([], [])
        left = connection.scalar(select(func.sum(fund_parts.c.left_fen)).where(fund_parts.c.person_id == 1)) or 0
        assert balance_fen(connection, JIA) == left or (left == 0 and balance_fen(connection, JIA) < 0)
        kept = sum(row.kept_fen for stan in range(1, 5) if (row := find_draw(connection, key(stan))))
        insured = select(region_days.c.insured_fen).where(region_days.c.region == WEIHAI)
        assert (connection.scalar(insured) or 0) == kept + held_fen(connection, 1)
        parts = set(connection.scalars(select(postings.c.part).join(accounts).where(accounts.c.kind == "personal")))
        assert parts <= set(Part)


def test_nothing_is_given_back_twice_or_beyond_what_was_paid(books: Connection) -> None:
    draw = pay(books, key(1), 35_000)
    give_back(books, "count:1", draw, 30_000, AT)
    with pytest.raises(LedgerError):
        give_back(books, "count:2", draw, 6_000, AT)
    assert found(books, key(1)).kept_fen == 5_000
