"""Invoices are checked when they are handed in, and each counts once for ever."""

import json
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from simulators.authority.actors import Actor, Role
from simulators.authority.applications.seeds import Granted, grant
from simulators.authority.invoices.refusal import Key, Refused
from simulators.authority.policy.vocabulary import PurposeDetail
from simulators.authority.tables.invoices import invoices, refused_invoices
from simulators.authority.tables.supervision import incidents
from tests.simulators.authority.invoices.office import BILL, BING, Office
from tests.simulators.authority.kiosk import JIA, SHENZHEN, SUZHOU, WEIHAI, Clock, Kiosk


@pytest.mark.req("S1-32")
def test_a_payout_has_a_case_with_a_due_date_of_its_policy(office: Office) -> None:
    case = office.pay_out(100_000)

    assert (case.opened_on, case.due, case.advanced_fen) == (date(2026, 5, 20), date(2026, 7, 19), 100_000)
    assert case.number == f"S371000260520{case.draw_id:06d}"
    assert [each.number for each in office.cases()] == [case.number]


@pytest.mark.req("S1-32")
def test_a_good_invoice_proves_what_the_person_paid_himself(office: Office, clock: Clock) -> None:
    case = office.pay_out()
    clock.pass_(days=10)

    first = office.hand_in(case, amount_fen=70_000, pooled_fen=30_000)
    second = office.hand_in(case, amount_fen=50_000, third_party=True, third_party_fen=20_000)
    assert (first.problems, first.case.proven_fen) == ((), 40_000)
    assert second.case.proven_fen == 70_000


@pytest.mark.req("S1-32", "S1-33")
@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"number": " "}, Key.NUMBER_MISSING),
        ({"number": "1" * 33}, Key.NUMBER_MISSING),
        ({"issued_on": date(2026, 5, 19)}, Key.BEFORE_THE_PAYOUT),
        ({"issued_on": date(2026, 6, 1)}, Key.ISSUED_LATER),
        ({"payer_name": "测试乙"}, Key.OTHER_NAME),
        ({"amount_fen": 0}, Key.AMOUNT),
        ({"pooled_fen": -1}, Key.POOLED_AMOUNT),
        ({"pooled_fen": 100_001}, Key.POOLED_AMOUNT),
        ({"region": SHENZHEN}, Key.OTHER_PLACE),
        ({"third_party": None}, Key.THIRD_PARTY_UNDECLARED),
        ({"third_party_fen": 1}, Key.THIRD_PARTY_AMOUNT),
        ({"third_party": True, "third_party_fen": 100_001}, Key.THIRD_PARTY_AMOUNT),
    ],
)
def test_what_is_wrong_with_an_invoice_is_named_and_it_does_not_count(
    office: Office, clock: Clock, changes: dict[str, Any], problem: Key
) -> None:
    case = office.pay_out()
    clock.pass_(days=10)
    done = office.hand_in(case, **changes)

    assert problem in [each.key for each in done.problems]
    assert len(done.problems) == 1 or changes.get("amount_fen") == 0
    assert office.cases()[-1].proven_fen == 0
    with office.work() as connection:
        kept = connection.scalars(select(refused_invoices.c.problems)).one()
    assert json.loads(kept)[0][1] == done.problems[0].key


@pytest.mark.req("S1-32")
def test_all_problems_of_an_invoice_are_named_at_once(office: Office, clock: Clock) -> None:
    case = office.pay_out()
    clock.pass_(days=90)
    done = office.hand_in(case, issued_on=date(2026, 7, 20), payer_name="x", region=SUZHOU, third_party=None)

    assert [each.key for each in done.problems] == [
        Key.AFTER_THE_PERIOD, Key.OTHER_NAME, Key.OTHER_PLACE, Key.THIRD_PARTY_UNDECLARED,
    ]  # fmt: skip


@pytest.mark.req("S1-32")
def test_an_invoice_counts_once_over_all_persons_and_regions(office: Office, far_kiosk: Kiosk, clock: Clock) -> None:
    mine = office.pay_out()
    his = office.pay_out(kiosk=far_kiosk)
    clock.pass_(days=10)
    assert office.hand_in(mine, number="A-1 2 3").problems == ()

    for case, region in ((mine, WEIHAI), (his, SHENZHEN)):
        again = office.hand_in(case, number="a123", region=region)
        assert [each.key for each in again.problems] == [Key.NUMBER_USED]
    with office.work() as connection:
        clues = connection.scalars(select(incidents.c.kind).where(incidents.c.kind == "invoice twice")).all()
    assert len(clues) == 2


@pytest.mark.req("S1-32")
def test_another_persons_invoice_is_a_clue_even_when_all_else_is_right(office: Office, clock: Clock) -> None:
    mine, his = office.pay_out(), office.pay_out(somebody=BING)
    clock.pass_(days=10)
    assert office.hand_in(mine, number="0440026000999999").problems == ()

    again = office.hand_in(his, number="0440026000999999", payer_name=BING.name)
    assert [each.key for each in again.problems] == [Key.NUMBER_USED]
    with office.work() as connection:
        clue = connection.scalars(select(incidents.c.text).where(incidents.c.kind == "invoice twice")).one()
    assert clue == f"by another person, case {his.number}"


@pytest.mark.req("S2-27")
def test_invoices_are_matched_to_what_the_application_was_for(office: Office, clock: Clock) -> None:
    person = office.person()
    with office.work() as connection:
        grant(connection, person, Granted(WEIHAI, 100_000, purpose_detail="INPATIENT"), office.at)
    case = office.pay_out(100_000)
    clock.pass_(days=10)

    assert case.detail == "INPATIENT"
    assert [each.key for each in office.hand_in(case, detail=PurposeDetail.DRUGS).problems] == [Key.OTHER_PURPOSE]
    assert office.hand_in(case, detail=PurposeDetail.INPATIENT).problems == ()


@pytest.mark.req("S1-32")
def test_a_third_party_whose_share_is_not_known_leaves_nothing_proven(office: Office, clock: Clock) -> None:
    case = office.pay_out()
    clock.pass_(days=10)

    assert office.hand_in(case, third_party=True).case.proven_fen == 0


@pytest.mark.req("S1-32")
def test_a_cancelled_invoice_proves_nothing_and_reopens_what_it_settled(office: Office, clock: Clock) -> None:
    case = office.pay_out()
    clock.pass_(days=10)
    office.hand_in(case, number="R1")
    assert office.settle(case).case.is_settled

    (reopened,) = office.cancel("R1")
    assert (reopened.is_settled, reopened.proven_fen, reopened.missing_fen) == (False, 0, 100_000)
    assert [each.key for each in office.hand_in(case, number="R1").problems] == [Key.NUMBER_USED]
    with pytest.raises(Refused):
        office.cancel("R1")
    with pytest.raises(Refused):
        office.cancel("R2")


def test_nobody_hands_in_for_somebody_else_or_where_there_is_no_case(office: Office, clock: Clock) -> None:
    case = office.pay_out()
    clock.pass_(days=10)
    bing = Actor(Role.PERSON, "bing", person_id=office.person(BING))
    with pytest.raises(Refused):
        office.hand_in(case, actor=bing)
    office.hand_in(case)
    office.settle(case)
    with pytest.raises(Refused):
        office.hand_in(case)


def test_a_name_is_compared_as_names_are(office: Office, clock: Clock) -> None:
    case = office.pay_out()
    clock.pass_(days=10)

    assert office.hand_in(case, payer_name=" 测 试甲").problems == ()


@pytest.mark.req("S1-08")
def test_numbers_of_invoices_are_sealed_and_payers_stay_out_of_reprs(office: Office, clock: Clock) -> None:
    case = office.pay_out()
    clock.pass_(days=10)
    office.hand_in(case, number="0440026000777777")
    with office.work() as connection:
        (row,) = connection.execute(select(invoices)).mappings()

    assert b"0440026000777777" not in bytes(row["number_sealed"])
    assert JIA.name not in repr(BILL)
