"""From the form to the notes: applications, policy, ledger and money line together."""

import random
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from protocol.money_line import AmountType
from simulators.authority.applications.changes import change, supplement, withdraw
from simulators.authority.applications.drawn import drawn_fen
from simulators.authority.applications.numbers import NumberKind, is_number
from simulators.authority.applications.office import Office
from simulators.authority.applications.review import approve, take_up
from simulators.authority.applications.seeds import Granted
from simulators.authority.applications.states import Event
from simulators.authority.applications.status import status_of
from simulators.authority.applications.store import Application, by_id, history
from simulators.authority.applications.upkeep import run
from simulators.authority.authority import Authority
from simulators.authority.business_time import SHANGHAI
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.ledger.draw_rows import draw_by_id
from simulators.authority.ledger.payout_entries import give_back
from simulators.authority.tables.applications import ApplicationState
from tests.simulators.authority.applications.forms import FORM, paper
from tests.simulators.authority.applications.policies import ROOMY, book
from tests.simulators.authority.applications.staff import PERSON, REVIEWER, TELLER
from tests.simulators.authority.applications.stories import done, hand_in, told
from tests.simulators.authority.kiosk import CHENGDU, JIA, SHENZHEN, WEIHAI, Clock, Kiosk, make_authority


class Town:
    """An authority without standing approvals, its office, and kiosks in two cities."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.database = Database()
        policies = book(ROOMY, ROOMY)
        self.authority: Authority = make_authority(self.clock, JIA, policies=policies, database=self.database)
        self.office = Office(SoftHsm(b"M" * 32, random.Random(2).randbytes), policies)
        self.there = Kiosk(self.authority, name="K4403001", merchant="440300000000001", region=SHENZHEN)
        self.at_home = Kiosk(self.authority, name="K3710001", merchant="371000000000001", region=WEIHAI)
        for kiosk in (self.there, self.at_home):
            kiosk.sign_on()

    @property
    def at(self) -> datetime:
        return self.clock.now()

    def approved(self, fen: int, **changes: Any) -> Application:
        """An application that a reviewer approved two hours after it came."""
        with self.database.transaction() as connection:
            made = hand_in(connection, self.office, self.at, amount_fen=fen, **changes)
            self.clock.pass_(hours=2)
            return done(approve(connection, self.office, made.id, REVIEWER, self.at))

    def later(self, **span: float) -> None:
        """Time passes; terminals sign on anew."""
        self.clock.pass_(**span)
        for kiosk in (self.there, self.at_home):
            kiosk.sign_on()

    def state(self, application: Application) -> ApplicationState:
        with self.database.transaction() as connection:
            run(connection, self.office, self.at)
            return by_id(connection, application.id).state


@pytest.fixture
def town() -> Town:
    return Town()


def rest(connection: Connection, town: Town, application: Application) -> int | None:
    return status_of(connection, town.office, by_id(connection, application.id), town.at).remaining_fen


@pytest.mark.req("S1-26", "S2-54")
def test_no_money_before_the_approval_and_a_second_after_it(town: Town) -> None:
    assert town.there.cash(10_000).code == "57"
    with town.database.transaction() as connection:
        made = hand_in(connection, town.office, town.at)
    assert town.there.cash(10_000).code == "57"
    assert town.authority.held_fen(JIA.pan) == 0

    with town.database.transaction() as connection:
        done(approve(connection, town.office, made.id, REVIEWER, town.at))
    town.clock.pass_(seconds=1)
    assert town.there.cash(10_000).code == "00"


@pytest.mark.req("S1-40", "S2-17", "S1-26")
def test_an_approved_sum_is_drawn_in_parts_until_it_is_used_up(town: Town) -> None:
    made = town.approved(100_000)
    for fen, left in ((40_000, 60_000), (60_000, 0)):
        reply = town.there.cash(fen)
        assert (reply.code, town.there.confirm(reply, fen).code) == ("00", "00")
        town.later(days=3)
        with town.database.transaction() as connection:
            assert rest(connection, town, made) == left

    with town.database.transaction() as connection:
        assert by_id(connection, made.id).state is ApplicationState.USED_UP
        (used_up,) = (each for each in history(connection, made.id) if each.event is Event.USE_UP)
    assert used_up.at == town.at - timedelta(days=3), "with the payout, not by the clock"
    refused = town.there.cash(10_000)
    assert (refused.code, (refused.amounts or {})[AmountType.REST_OF_APPLICATION]) == ("61", 0)
    assert town.authority.account_debit_fen(JIA.pan) == 100_000


@pytest.mark.req("S1-40")
def test_a_count_that_gives_something_back_lets_a_used_up_application_go_on(town: Town) -> None:
    made = town.approved(100_000)
    reply = town.there.cash(100_000)
    town.there.confirm(reply, 100_000)
    with town.database.transaction() as connection:
        assert by_id(connection, made.id).state is ApplicationState.USED_UP
        draw = draw_by_id(connection, 1)
        assert give_back(connection, "count", draw, 20_000, town.at)
        assert by_id(connection, made.id).state is ApplicationState.APPROVED
        assert rest(connection, town, made) == 20_000


@pytest.mark.req("S1-26", "S2-17")
def test_no_more_than_the_rest_is_paid_holds_included(town: Town) -> None:
    made = town.approved(100_000)
    held = town.there.cash(80_000)

    assert held.code == "00"
    assert [town.there.cash(fen).code for fen in (100_000, 30_000)] == ["61", "61"]
    assert town.there.cash(20_000).code == "00"
    assert town.there.cash(10_000).code == "61"
    assert town.there.confirm(held, 70_000).code == "00"
    assert town.there.cash(10_000).code == "00"
    with town.database.transaction() as connection:
        assert drawn_fen(connection, made.id) == 100_000


@pytest.mark.req("S2-04")
def test_after_the_first_draw_nothing_is_changed_or_withdrawn_any_more(town: Town) -> None:
    made = town.approved(100_000)
    reply = town.there.cash(10_000)
    with town.database.transaction() as connection:
        assert told(withdraw(connection, made.id, PERSON, town.at)) == {"drawn_already"}
    town.there.confirm(reply, 10_000)
    with town.database.transaction() as connection:
        larger = FORM.model_copy(update={"amount_fen": 200_000})
        assert told(change(connection, town.office, made.id, larger, TELLER, town.at)) == {"drawn_already"}
        assert by_id(connection, made.id).state is ApplicationState.APPROVED


@pytest.mark.req("S2-04")
def test_a_draw_that_was_reversed_is_none(town: Town) -> None:
    made = town.approved(100_000)
    request = town.there.cash_request(10_000)
    assert town.there.send(town.there.sealed(request)) is not None
    assert town.there.reverse(request).code == "00"

    with town.database.transaction() as connection:
        assert done(withdraw(connection, made.id, PERSON, town.at)).state is ApplicationState.WITHDRAWN
    assert town.there.cash(10_000).code == "57"


@pytest.mark.req("S1-28")
def test_it_serves_where_it_is_bound_to_only(town: Town) -> None:
    town.approved(100_000)

    assert town.at_home.cash(10_000).code != "00"
    assert town.there.cash(10_000).code == "00"


@pytest.mark.req("S1-87", "S1-36", "S2-19")
def test_an_emergency_on_a_holiday_is_approved_and_paid(town: Town) -> None:
    town.clock.time = datetime(2026, 10, 3, 22, 30, tzinfo=SHANGHAI)
    town.later(minutes=0)
    with town.database.transaction() as connection:
        made = hand_in(connection, town.office, town.at, purpose="EMERGENCY", begins=date(2026, 10, 3))
        done(take_up(connection, made.id, REVIEWER, town.at))
        assert made.review_due == town.at + timedelta(hours=4)
        town.clock.pass_(hours=1)
        done(approve(connection, town.office, made.id, REVIEWER, town.at))
    reply = town.there.cash(50_000)

    assert (reply.code, town.there.confirm(reply, 50_000).code) == ("00", "00")
    with town.database.transaction() as connection:
        papers = [paper("EMERGENCY_PROOF")]
        assert done(supplement(connection, town.office, made.id, PERSON, town.at, papers=papers)).complete


@pytest.mark.req("S2-42")
def test_what_is_not_drawn_in_time_is_free_again_and_a_hold_is_carried_through(town: Town) -> None:
    made = town.approved(100_000)
    town.later(days=60)
    reply = town.there.cash(30_000)
    town.clock.pass_(days=1)

    assert made.valid_until is not None
    assert town.at.date() == made.valid_until + timedelta(days=1)
    assert town.state(made) is ApplicationState.EXPIRED
    assert town.there.confirm(reply, 30_000).code == "00"
    town.later(minutes=1)
    assert town.there.cash(10_000).code == "57"
    assert town.authority.account_debit_fen(JIA.pan) == 30_000


def test_where_the_service_is_off_an_application_opens_nothing(town: Town) -> None:
    town.approved(100_000)
    elsewhere = Kiosk(town.authority, name="K5101001", merchant="510100000000001", region=CHENGDU)
    elsewhere.sign_on()

    assert elsewhere.cash(10_000).code != "00"


@pytest.mark.req("S1-26")
def test_a_scenario_may_begin_with_an_approved_application(town: Town) -> None:
    assert town.there.cash(10_000).code == "57"
    number = town.authority.grant(JIA.pan, Granted(SHENZHEN, 20_000))

    assert is_number(number, NumberKind.APPLICATION)
    assert [town.there.cash(10_000).code for _ in range(3)] == ["00", "00", "61"]
