"""The advance is netted once: difference, nothing, or recovery."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from simulators.authority.actors import Actor, Role
from simulators.authority.applications.bank import account_of_card
from simulators.authority.database import Database
from simulators.authority.invoices.refusal import Key, Refused
from simulators.authority.ledger.ledger import Account, balance_fen, ledger_balanced
from simulators.authority.people.facts import person_facts
from simulators.authority.tables.invoices import CaseState, Result
from simulators.authority.tables.ledger import PERSONAL_FUND, accounts
from tests.simulators.authority.invoices.office import Office
from tests.simulators.authority.kiosk import JIA, SHENZHEN, Clock, Kiosk, make_authority


@pytest.mark.req("S1-33", "S2-28")
@pytest.mark.parametrize(
    ("amount_fen", "pooled_fen", "result", "difference_fen", "balance_fen"),
    [
        (100_000, 0, Result.NOTHING, 0, 900_000),
        (160_000, 40_000, Result.PAY_DIFFERENCE, 20_000, 880_000),
        (160_000, 60_000, Result.NOTHING, 0, 900_000),
        (70_000, 10_000, Result.RECOVER, 40_000, 900_000),
    ],
)
def test_invoices_below_at_and_above_the_advance_have_a_computed_result(
    office: Office,
    clock: Clock,
    amount_fen: int,
    pooled_fen: int,
    result: Result,
    difference_fen: int,
    balance_fen: int,
) -> None:
    case = office.pay_out(100_000)
    clock.pass_(days=10)
    office.hand_in(case, amount_fen=amount_fen, pooled_fen=pooled_fen)
    done = office.settle(case)

    assert (done.result, done.difference_fen) == (result, difference_fen)
    assert (done.advanced_fen, done.reimbursable_fen) == (100_000, pooled_fen)
    assert done.self_paid_fen == amount_fen - pooled_fen
    assert office.balance() == balance_fen


@pytest.mark.req("S1-33")
@pytest.mark.parametrize("changes", [{"issued_on": date(2026, 5, 19)}, {"region": SHENZHEN}])
def test_invoices_from_before_the_draw_or_from_elsewhere_prove_nothing(
    office: Office, clock: Clock, changes: dict[str, Any]
) -> None:
    case = office.pay_out(100_000)
    clock.pass_(days=10)
    office.hand_in(case, **changes)
    done = office.settle(case)

    assert (done.result, done.difference_fen, done.self_paid_fen) == (Result.RECOVER, 100_000, 0)


@pytest.mark.req("S1-33")
def test_a_difference_goes_to_the_bank_account_of_the_persons_card(office: Office, clock: Clock) -> None:
    case = office.pay_out(100_000)
    clock.pass_(days=10)
    office.hand_in(case, amount_fen=130_000)
    office.settle(case)
    with office.work() as connection:
        account = account_of_card(connection, office.hsm, case.person_id)
        assert account is not None
        assert balance_fen(connection, Account.bank(account.id)) == 30_000


@pytest.mark.req("S1-33")
def test_what_is_paid_back_stands_on_the_personal_account_and_ends_the_case(office: Office, clock: Clock) -> None:
    case = office.pay_out(100_000)
    clock.pass_(days=10)
    office.hand_in(case, amount_fen=60_000)
    assert office.settle(case).case.state is CaseState.RECOVERING

    assert office.repay(case, 15_000).owed_fen == 25_000
    ended = office.repay(case, 25_000)
    assert (ended.is_settled, ended.owed_fen, ended.missing_fen) == (True, 0, 0)
    assert office.balance() == 1_000_000 - 100_000 + 40_000
    for fen in (1, 0, -5):
        with pytest.raises(Refused):
            office.repay(case, fen)


def test_nobody_pays_back_more_than_is_asked(office: Office, clock: Clock) -> None:
    case = office.pay_out(100_000)
    clock.pass_(days=10)
    office.settle(case)
    for fen in (100_001, 0, -1):
        with pytest.raises(Refused) as refused:
            office.repay(case, fen)
        assert [problem.key for problem in refused.value.problems] == [Key.REPAID_TOO_MUCH]


@pytest.mark.req("S2-28", "S1-33")
def test_one_bill_over_two_payouts_is_netted_once(office: Office, clock: Clock) -> None:
    """1,600 yuan of one stay were drawn in two parts: nothing is paid on the one and asked back on the other."""
    first, second = office.pay_out(100_000), office.pay_out(60_000)
    clock.pass_(days=10)
    office.hand_in(first, amount_fen=150_000)
    results = [office.settle(case) for case in (first, second)]

    assert [(done.result, done.difference_fen) for done in results] == [(Result.NOTHING, 0), (Result.RECOVER, 10_000)]
    assert office.balance() == 840_000


@pytest.mark.req("S1-33")
def test_an_invoice_that_is_cancelled_later_is_taken_out_of_what_was_paid(office: Office, clock: Clock) -> None:
    case = office.pay_out(100_000)
    clock.pass_(days=10)
    office.hand_in(case, number="G1", amount_fen=80_000)
    office.hand_in(case, number="R1", amount_fen=50_000)
    assert office.settle(case).difference_fen == 30_000

    office.cancel("R1")
    done = office.settle(case)
    assert (done.result, done.difference_fen) == (Result.RECOVER, 50_000)
    assert office.repay(case, 50_000).is_settled
    assert office.balance() == 1_000_000 - 100_000 - 30_000 + 50_000


@pytest.mark.req("S1-33")
def test_a_difference_is_paid_as_far_as_the_account_can_bear_it(office: Office, clock: Clock) -> None:
    case = office.pay_out(500_000)
    clock.pass_(days=1)
    office.kiosk.sign_on()
    held = office.kiosk.cash(100_000)
    assert held.code == "00"
    clock.pass_(days=9)
    office.hand_in(case, amount_fen=1_500_000)
    done = office.settle(case)

    assert (done.difference_fen, done.unpaid_fen) == (1_000_000, 600_000)
    assert office.balance() == 100_000


def test_a_case_is_settled_by_a_reviewer_once_and_never_his_own(office: Office, clock: Clock) -> None:
    case = office.pay_out()
    himself = Actor(Role.REVIEWER, "r2", person_id=office.person())
    for actor in (Actor(Role.TELLER, "t1"), Actor(Role.PERSON, "p", person_id=office.person()), himself):
        with pytest.raises(Refused):
            office.settle(case, actor)
    clock.pass_(days=10)
    office.hand_in(case)
    office.settle(case)
    with pytest.raises(Refused) as refused:
        office.settle(case)
    assert [problem.key for problem in refused.value.problems] == [Key.CASE_SETTLED]


@pytest.mark.req("S2-10")
def test_a_withdrawal_and_its_settlement_change_no_entitlement(office: Office, clock: Clock) -> None:
    """Contributions, insured years and state stay; no account of the pooled fund exists."""
    person = office.person()
    with office.work() as connection:
        before = person_facts(connection, office.hsm, person, office.at.date())
    case = office.pay_out()
    clock.pass_(days=10)
    office.hand_in(case, amount_fen=180_000, pooled_fen=60_000)
    office.settle(case)
    with office.work() as connection:
        after = person_facts(connection, office.hsm, person, date(2026, 5, 20))
        funds = set(connection.scalars(select(accounts.c.fund).where(accounts.c.fund.is_not(None))))
        assert ledger_balanced(connection)
        assert connection.scalar(select(func.count()).select_from(accounts).where(accounts.c.fund == "310100")) == 0

    assert after == before
    assert funds == {PERSONAL_FUND}


@pytest.mark.req("S2-28", "S1-33")
@settings(max_examples=12, deadline=None)
@given(
    draws=st.lists(st.integers(1, 10), min_size=1, max_size=3),
    bills=st.lists(st.tuples(st.integers(0, 2), st.integers(1, 250_000), st.integers(0, 100)), max_size=4),
)
def test_whatever_is_handed_in_the_person_ends_with_what_was_proven(
    draws: list[int], bills: list[tuple[int, int, int]]
) -> None:
    """Advances + differences - recoveries = what was paid by the person himself, no more than was on the account."""
    clock, database = Clock(), Database()
    kiosk = Kiosk(make_authority(clock, JIA, database=database))
    kiosk.sign_on()
    office = Office(kiosk.authority, database, clock, kiosk)
    cases = [office.pay_out(10_000 * notes) for notes in draws]
    clock.pass_(days=10)
    proven = 0
    for which, amount, pooled_percent in bills:
        pooled = amount * pooled_percent // 100
        office.hand_in(cases[which % len(cases)], amount_fen=amount, pooled_fen=pooled)
        proven += amount - pooled
    for case in cases:
        done = office.settle(case)
        if done.case.owed_fen:
            office.repay(case, done.case.owed_fen)
    assert office.balance() == JIA.opening_balance_fen - proven
    assert all(case.is_settled for case in office.cases())
