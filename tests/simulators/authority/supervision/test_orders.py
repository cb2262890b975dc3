"""What supervisors order works on the next message, and never on money that is already authorised."""

from datetime import timedelta

import pytest

from protocol.money_line import CashReply, NetworkCode, SignOn, SignOnReply
from protocol.money_line import ResponseCode as Code
from simulators.authority.actors import Actor, Role
from simulators.authority.database import Database
from simulators.authority.supervision.orders import Subject, lift, order, orders_of, suspended
from simulators.authority.supervision.refusal import Refused
from simulators.authority.tables.ledger import DrawState
from simulators.authority.tables.supervision import Measure
from tests.simulators.authority.kiosk import JIA, SHENZHEN, WEIHAI, Clock, Kiosk
from tests.simulators.authority.supervision.conftest import SUPERVISOR

JIA_ID = 1
PROVIDER = "371000000000001"


def give_order(database: Database, clock: Clock, subject: Subject, measure: Measure = Measure.SUSPENSION) -> int:
    with database.transaction() as connection:
        return order(connection, SUPERVISOR, clock.now(), subject, measure, "an investigation")


@pytest.mark.req("S1-04", "S1-48")
@pytest.mark.parametrize(
    ("subject", "code"),
    [
        (Subject.provider(PROVIDER), Code.INVALID_MERCHANT),
        (Subject.terminal("K0000001"), Code.NOT_PERMITTED_TERMINAL),
        (Subject.region("371082"), Code.NOT_PERMITTED_TERMINAL),
        (Subject.person(JIA_ID), Code.RESTRICTED_CARD),
    ],
)
def test_a_suspension_works_on_the_next_message(
    kiosk: Kiosk, database: Database, clock: Clock, subject: Subject, code: Code
) -> None:
    """Provider, terminal, region (also when a county of it is named) and person can each be suspended, and freed."""
    suspension = give_order(database, clock, subject)
    assert kiosk.quote().code == code
    assert kiosk.cash(10_000).code == code
    assert kiosk.authority.draws() == ()
    with database.transaction() as connection:
        lift(connection, SUPERVISOR, clock.now(), suspension)
    assert kiosk.cash(10_000).code == Code.APPROVED


def test_a_suspended_home_region_refuses_its_people_everywhere(kiosk: Kiosk, database: Database, clock: Clock) -> None:
    far = Kiosk(kiosk.authority, name="K4403001", merchant="440300000000001", region=SHENZHEN)
    far.sign_on()
    give_order(database, clock, Subject.region(WEIHAI))
    assert far.cash(10_000).code == Code.NOT_PERMITTED_HOLDER


def test_an_order_counts_from_its_beginning_to_its_end(kiosk: Kiosk, database: Database, clock: Clock) -> None:
    begins = clock.now() + timedelta(hours=1)
    with database.transaction() as connection:
        order(
            connection,
            SUPERVISOR,
            clock.now(),
            Subject.terminal(kiosk.id),
            Measure.SUSPENSION,
            "a repair",
            from_at=begins,
            to_at=begins + timedelta(hours=2),
        )
    for code in (Code.APPROVED, Code.NOT_PERMITTED_TERMINAL, Code.NOT_PERMITTED_TERMINAL, Code.APPROVED):
        assert kiosk.quote().code == code
        clock.pass_(hours=1)


@pytest.mark.req("S2-06")
def test_a_legal_hold_stops_all_draws_and_the_money_on_hold_stays_visible(
    kiosk: Kiosk, database: Database, clock: Clock
) -> None:
    kiosk.cash(10_000)
    give_order(database, clock, Subject.person(JIA_ID), Measure.LEGAL_HOLD)
    assert kiosk.cash(10_000).code == Code.RESTRICTED_CARD
    assert kiosk.authority.held_fen(JIA.pan) == 10_000
    with database.transaction() as connection:
        assert [each.measure for each in orders_of(connection, Subject.person(JIA_ID))] == [Measure.LEGAL_HOLD]


@pytest.mark.req("S2-06")
def test_a_legal_hold_after_the_authorisation_does_not_stop_the_payout(
    kiosk: Kiosk, database: Database, clock: Clock
) -> None:
    """The order of events decides: what is in the tray is paid, what is asked next is refused."""
    request = kiosk.cash_request(10_000)
    approved = kiosk.tell(request, CashReply)
    give_order(database, clock, Subject.person(JIA_ID), Measure.LEGAL_HOLD)
    assert kiosk.tell(request, CashReply).code == Code.APPROVED  # the same request gets the answer it got
    assert kiosk.confirm(approved, 10_000).code == Code.APPROVED
    assert kiosk.authority.draws()[0].state is DrawState.CONFIRMED
    assert kiosk.cash(10_000).code == Code.RESTRICTED_CARD


def test_a_suspended_terminal_signs_on_only_to_tell_what_happened(
    kiosk: Kiosk, database: Database, clock: Clock
) -> None:
    approved = kiosk.cash(10_000)
    give_order(database, clock, Subject.terminal(kiosk.id))
    kiosk.sign_on()
    assert kiosk.cash(10_000).code == Code.NOT_PERMITTED_TERMINAL
    assert kiosk.confirm(approved, 10_000).code == Code.APPROVED
    request = SignOn(stan=kiosk.next_stan(), terminal=kiosk.id, merchant=PROVIDER, batch=1)
    assert request.network is NetworkCode.SIGN_ON_TDES
    assert kiosk.tell(request, SignOnReply, mac=False).code == Code.NOT_PERMITTED_TERMINAL


def test_only_a_supervisor_orders_and_every_mistake_is_told_at_once(database: Database, clock: Clock) -> None:
    with database.transaction() as connection, pytest.raises(Refused) as refused:
        order(
            connection,
            Actor(Role.TELLER, "t1"),
            clock.now(),
            Subject.region(WEIHAI),
            Measure.LEGAL_HOLD,
            " ",
            to_at=clock.now(),
        )
    assert {problem.field for problem in refused.value.problems} == {"actor", "reason", "to_at", "subject"}


def test_the_supervisor_of_a_region_orders_nothing_elsewhere(kiosk: Kiosk, database: Database, clock: Clock) -> None:
    own = Actor(Role.SUPERVISOR, "s2", region=SHENZHEN)
    with database.transaction() as connection:
        with pytest.raises(Refused, match="only_in_the_own_region"):
            order(connection, own, clock.now(), Subject.provider(PROVIDER), Measure.SUSPENSION, "far away")
        with pytest.raises(Refused, match="nobody_there"):
            order(connection, own, clock.now(), Subject.person(99), Measure.SUSPENSION, "a slip")
        suspension = order(connection, own, clock.now(), Subject.region("440305"), Measure.SUSPENSION, "at home")
        lift(connection, own, clock.now(), suspension)
        with pytest.raises(Refused, match="not_in_force"):
            lift(connection, own, clock.now(), suspension)


def test_a_payout_without_a_terminal_asks_for_person_and_regions_alone(
    kiosk: Kiosk, database: Database, clock: Clock
) -> None:
    with database.transaction() as connection:
        assert suspended(connection, clock.now(), home=WEIHAI, person_id=JIA_ID) is None
    give_order(database, clock, Subject.person(JIA_ID), Measure.LEGAL_HOLD)
    with database.transaction() as connection:
        stands = suspended(connection, clock.now(), home=WEIHAI, person_id=JIA_ID)
    assert stands is not None
    assert stands.code is Code.RESTRICTED_CARD
