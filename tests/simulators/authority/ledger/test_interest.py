"""What accounts earn, in figures that were worked out by hand."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from simulators.authority.business_time import SHANGHAI
from simulators.authority.ledger.interest import credit_interest, interest_fen
from simulators.authority.ledger.ledger import Account, balance_fen, ledger_balanced, wrong_balances
from simulators.authority.policy.policy_book import PolicyBook, our_policies
from simulators.authority.policy.sections import Interest
from simulators.authority.policy.vocabulary import Rounding
from simulators.authority.tables.ledger import CreditKind, fund_parts
from tests.simulators.authority.kiosk import WEIHAI
from tests.simulators.authority.ledger.books import AT, key, pay

JIA, YI = Account.personal(1), Account.personal(2)
JULY = date(2026, 7, 1)
QUARTERS = ("03-21", "06-21", "09-21", "12-21")


def book(**changes: object) -> PolicyBook:
    """JIA's region pays 0.35 % on 1 July, or as `changes` say; YI's pays nothing."""
    said = Interest.model_validate({"annual_basis_points": 35, "credited_on": ("07-01",)} | changes)
    return PolicyBook(
        policy.model_copy(update={"interest": said}) if policy.region == WEIHAI else policy for policy in our_policies()
    )


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)


def credited(connection: Connection, policies: PolicyBook, day: date) -> int:
    """What JIA gets on a day."""
    before = balance_fen(connection, JIA)
    credit_interest(connection, policies, day, midnight(day))
    return balance_fen(connection, JIA) - before


@pytest.mark.req("S2-44")
def test_interest_is_a_credit_of_its_own_with_the_due_day_as_its_vintage(connection: Connection) -> None:
    """10,000.00 from 20 May on: 42 days to the end of June are 1,000,000 x 0.35 % x 42 / 365 = 402.7 fen."""
    late = midnight(JULY) + timedelta(days=4)
    assert credit_interest(connection, book(), JULY, late) == 1
    assert credit_interest(connection, book(), JULY, late) == 0

    found = select(fund_parts.c.person_id, fund_parts.c.vintage, fund_parts.c.amount_fen)
    assert connection.execute(found.where(fund_parts.c.kind == CreditKind.INTEREST)).all() == [(1, JULY, 402)]
    assert (balance_fen(connection, JIA), balance_fen(connection, YI)) == (1_000_402, 500_000)
    assert ledger_balanced(connection)
    assert wrong_balances(connection) == []


def test_what_was_drawn_earns_until_the_day_before(connection: Connection) -> None:
    """12 days of 1,000,000 and 30 of 500,000: 27,000,000 x 0.35 % / 365 = 258.9."""
    pay(connection, key(1, date(2026, 6, 1)), 500_000, AT + timedelta(days=12))

    assert credited(connection, book(), JULY) == 258


def test_a_year_earns_the_rate_and_what_was_credited_earns_too(connection: Connection) -> None:
    """1,000,402 x 0.35 % = 3,501.4; then 366 days of 1,003,903: x 0.35 % x 366 / 365 = 3,523.3."""
    days = [JULY, date(2027, 7, 1), date(2028, 7, 1)]

    assert [credited(connection, book(), day) for day in days] == [402, 3_501, 3_523]


def test_of_a_sum_each_half_fen_counts_where_the_policy_says_so(connection: Connection) -> None:
    assert credited(connection, book(rounding=Rounding.HALF_UP), JULY) == 403


def test_interest_may_be_credited_by_quarters(connection: Connection) -> None:
    """32 days of 1,000,000: 306.8. 92 days of 1,000,306: 882.5."""
    policies = book(credited_on=QUARTERS)
    days = [date(2026, 6, 21), JULY, date(2026, 9, 21)]

    assert [credited(connection, policies, day) for day in days] == [306, 0, 882]


def test_each_day_earns_the_rate_that_is_in_force_on_it(connection: Connection) -> None:
    """22 days of 0.35 % and 20 of 0.70 %: 1,000,000 x 21.7 % / 365 = 594.5."""
    policies = book()
    (old,) = policies.versions(WEIHAI)
    better = Interest(annual_basis_points=70, credited_on=("07-01",))
    begins = {"version": "2026.6", "valid_from": date(2026, 6, 11), "interest": better}

    assert credited(connection, policies.with_versions([old.model_copy(update=begins)]), JULY) == 594


def test_a_debt_earns_nothing_and_costs_nothing() -> None:
    """Ten days of 73 fen, ten of a debt, ten of 73 fen again, at 100 % a year: 20 x 73 / 365."""
    begins = date(2026, 1, 1)
    moved = [(date(2025, 3, 1), 73), (date(2026, 1, 11), -1_000), (date(2026, 1, 21), 1_000)]

    assert interest_fen(moved, begins, [10_000] * 30, Rounding.DOWN) == 4


@given(
    st.lists(st.tuples(st.integers(-40, 400), st.integers(-(10**9), 10**9))),
    st.integers(0, 366),
    st.sampled_from(Rounding),
)
def test_it_is_the_sum_over_the_days(moved: list[tuple[int, int]], length: int, rounding: Rounding) -> None:
    begins = date(2026, 1, 1)
    daily = [35 + day % 3 for day in range(length)]
    inside = sorted((day, fen) for day, fen in moved if day < length)
    balances = [max(0, sum(fen for day, fen in inside if day <= number)) for number in range(length)]
    exact = sum(balance * rate for balance, rate in zip(balances, daily, strict=True))

    earned = interest_fen(((begins + timedelta(days=day), fen) for day, fen in inside), begins, daily, rounding)
    least = 0 if rounding is Rounding.DOWN else -1_825_000
    assert least <= exact - earned * 3_650_000 < least + 3_650_000


@pytest.mark.parametrize(
    ("given_", "complaint"),
    [
        ({"annual_basis_points": 35}, "nothing is ever credited"),
        ({"annual_basis_points": 35, "credited_on": ("02-29",)}, "no day of every year"),
        ({"credited_on": ("07-01", "07-01")}, "stands there twice"),
        ({"annual_basis_points": 0.35, "credited_on": ("07-01",)}, "integer"),
    ],
)
def test_what_a_policy_may_not_say(given_: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        Interest.model_validate(given_)
