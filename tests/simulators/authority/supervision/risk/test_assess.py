"""The risk check at the real authorisation: what it stops is not paid, and every verdict is kept."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import RowMapping, select

from protocol.money_line import ResponseCode as Code
from simulators.authority.database import Database
from simulators.authority.supervision.links import link
from simulators.authority.supervision.risk import assess
from simulators.authority.supervision.risk.rules import our_risk_rules
from simulators.authority.tables.supervision import LinkKind, Matter, RiskAction, payout_requests
from tests.simulators.authority.kiosk import JIA, SHENZHEN, WEIHAI, YI, Clock, Kiosk, Somebody, make_authority, with_pin

CROWD = tuple(
    replace(
        JIA, name=f"测试{n}", id_number=f"99000019800101{n:04d}", card_number=f"T{n:08d}", pan=f"621700000000000{n:04d}"
    )
    for n in range(100, 109)
)


@pytest.fixture
def kiosk(clock: Clock, database: Database) -> Kiosk:
    """In front of an authority that looks for everything."""
    kiosk = Kiosk(make_authority(clock, JIA, YI, *CROWD, database=database, risk=our_risk_rules()))
    kiosk.sign_on()
    return kiosk


def requests(database: Database) -> list[RowMapping]:
    with database.transaction() as connection:
        return list(connection.execute(select(payout_requests).order_by(payout_requests.c.id)).mappings())


def draw(kiosk: Kiosk, fen: int, person: Somebody = JIA) -> str:
    reply = kiosk.cash(fen, person)
    if reply.code == Code.APPROVED:
        kiosk.send(kiosk.sealed(kiosk.confirm_of(reply, fen, person)))
    return reply.code


@pytest.mark.req("S1-03")
def test_the_verdict_is_kept_with_the_request_whatever_the_outcome(kiosk: Kiosk, database: Database) -> None:
    kiosk.quote()
    draw(kiosk, 10_000)
    kiosk.cash(510_000)
    kiosk.cash(10_000, with_pin(JIA, "000000"))
    asked = [(row["asked"], row["code"], row["risk"]) for row in requests(database)]
    assert asked == [
        ("quote", "00", RiskAction.NOT_ASKED),
        ("cash", "00", RiskAction.PASS),
        ("cash", "61", RiskAction.PASS),
        ("cash", "55", RiskAction.NOT_ASKED),
    ]
    assert requests(database)[1]["risk_version"] == our_risk_rules().of(WEIHAI).version


@pytest.mark.req("S1-06")
def test_haste_is_declined_and_no_money_moves(kiosk: Kiosk, database: Database, clock: Clock) -> None:
    codes = []
    for _ in range(6):
        codes.append(draw(kiosk, 10_000))
        clock.pass_(minutes=6)
    assert codes == ["00"] * 5 + ["65"]
    assert kiosk.authority.account_debit_fen(JIA.pan) == 50_000
    assert kiosk.authority.held_fen(JIA.pan) == 0
    last = requests(database)[-1]
    assert last["risk"] == RiskAction.DECLINE
    assert last["draw_id"] is None
    assert json.loads(last["findings"]) == [["velocity", 100, "6"]]


@pytest.mark.req("S1-06")
def test_many_cards_at_one_terminal_are_stopped(kiosk: Kiosk, clock: Clock) -> None:
    codes = []
    for person in CROWD[:6]:
        codes.append(draw(kiosk, 500_000, person))
        clock.pass_(minutes=1)
    assert codes == ["00"] * 4 + ["59"] * 2


@pytest.mark.req("S1-06")
def test_one_card_in_two_cities_is_stopped(kiosk: Kiosk, clock: Clock) -> None:
    far = Kiosk(kiosk.authority, name="K4403001", merchant="440300000000001", region=SHENZHEN)
    far.sign_on()
    assert draw(kiosk, 10_000) == Code.APPROVED
    clock.pass_(hours=1)
    assert draw(far, 10_000) == Code.SUSPECTED_FRAUD
    clock.pass_(hours=6)
    assert draw(far, 10_000) == Code.APPROVED


@pytest.mark.req("S1-06")
def test_cards_of_others_tried_one_after_another_close_the_terminal_for_a_while(kiosk: Kiosk, clock: Clock) -> None:
    for person in CROWD[:6]:
        kiosk.quote(with_pin(person, "000000"))
    assert draw(kiosk, 10_000) == Code.SUSPECTED_FRAUD
    clock.pass_(minutes=61)
    assert draw(kiosk, 10_000) == Code.APPROVED


@pytest.mark.req("S1-39")
def test_one_account_to_be_paid_for_three_persons_stops_all_of_them(
    kiosk: Kiosk, database: Database, clock: Clock
) -> None:
    with database.transaction() as connection:
        for person_id in (1, 2, 3):
            link(connection, person_id, LinkKind.PAYEE, "index of one account", clock.now())
            link(connection, person_id, LinkKind.PAYEE, "index of one account", clock.now())
    assert draw(kiosk, 10_000) == Code.NOT_PERMITTED_HOLDER
    assert draw(kiosk, 10_000, CROWD[1]) == Code.APPROVED


@pytest.mark.req("S1-42")
def test_what_cannot_be_judged_is_not_paid(kiosk: Kiosk, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise ValueError("a row that nobody can read")

    monkeypatch.setattr(assess, "look", breaks)
    assert kiosk.cash(10_000).code == Code.SYSTEM_ERROR
    assert kiosk.authority.held_fen(JIA.pan) == 0
    assert requests(database)[-1]["risk"] == RiskAction.UNFINISHED


def test_a_ring_that_comes_again_is_known(clock: Clock, database: Database) -> None:
    """Five cards from two regions, drawn from one after another, twice; the third time the last two are stopped."""
    ring = [replace(person, region=(WEIHAI, SHENZHEN)[number % 2]) for number, person in enumerate(CROWD[:5])]
    kiosk = Kiosk(make_authority(clock, *ring, database=database, risk=our_risk_rules()))
    assert come_together(kiosk, clock, ring, 200_000)[::2] == [["00"] * 5, ["00", "00", "00", "59", "59"]]


def test_neighbours_who_come_to_their_kiosk_together_every_month_are_no_ring(kiosk: Kiosk, clock: Clock) -> None:
    assert come_together(kiosk, clock, CROWD, 20_000) == [["00"] * 9] * 3


def come_together(kiosk: Kiosk, clock: Clock, people: Sequence[Somebody], fen: int) -> list[list[str]]:
    """What these people are answered on three days, one after another."""
    days = []
    for _ in range(3):
        kiosk.sign_on()
        codes = []
        for person in people:
            codes.append(draw(kiosk, fen, person))
            clock.pass_(minutes=4)
        days.append(codes)
        clock.pass_(days=7)
    return days


@pytest.mark.req("S1-12")
def test_every_decline_has_its_class(kiosk: Kiosk, database: Database) -> None:
    kiosk.cash(510_000)
    kiosk.cash(10_000, with_pin(JIA, "000000"))
    kiosk.cash(15_000)
    kiosk.cash(10_000)
    matters = [(row["code"], row["matter"]) for row in requests(database)]
    assert matters == [
        ("61", Matter.COMPLIANCE),
        ("55", Matter.INFORMATION_SECURITY),
        ("13", Matter.SERVICE),
        ("00", None),
    ]
