"""What happens by itself as time passes."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Connection

from simulators.authority.applications.changes import supplement
from simulators.authority.applications.notifications import Notice, notices_of
from simulators.authority.applications.office import Office
from simulators.authority.applications.problems import Problem
from simulators.authority.applications.review import approve, return_, take_up
from simulators.authority.applications.states import Event
from simulators.authority.applications.store import by_id, history
from simulators.authority.applications.upkeep import Done, escalate_overdue, expire, freeze_for_papers, overdue, run
from simulators.authority.applications.usable import usable
from simulators.authority.business_time import SHANGHAI
from simulators.authority.ledger.releases import all_releases
from simulators.authority.supervision.orders import Subject, lift, order
from simulators.authority.tables.applications import ApplicationState
from simulators.authority.tables.supervision import Measure
from tests.simulators.authority.applications.conftest import NOW
from tests.simulators.authority.applications.forms import paper
from tests.simulators.authority.applications.staff import PERSON, REVIEWER, SUPERVISOR
from tests.simulators.authority.applications.stories import done, hand_in
from tests.simulators.authority.kiosk import SHENZHEN

LATER = NOW + timedelta(hours=2)
NOTHING = Done(0, 0, 0, 0, 0, 0)


@pytest.mark.req("S1-21")
def test_what_is_overdue_is_escalated_once(connection: Connection, office: Office) -> None:
    made = hand_in(connection, office)
    assert made.review_due is not None
    late = made.review_due + timedelta(seconds=1)

    assert overdue(connection, made.review_due) == ()
    assert [each.id for each in overdue(connection, late)] == [made.id]
    assert [escalate_overdue(connection, late) for _ in range(2)] == [1, 0]
    assert history(connection, made.id)[-1].event is Event.ESCALATE
    assert by_id(connection, made.id).escalated_at == late
    assert done(approve(connection, office, made.id, REVIEWER, late)).escalated_at is None


@pytest.mark.req("S1-21", "S1-36")
def test_over_the_spring_festival_the_emergency_is_overdue_and_the_others_are_not(
    connection: Connection, office: Office
) -> None:
    """13 February 2026 is a Friday; 14 February is worked, 15 to 23 February are not."""
    friday = datetime(2026, 2, 13, 16, 0, tzinfo=SHANGHAI)
    plain = hand_in(connection, office, friday, begins=date(2026, 2, 12))
    urgent = hand_in(connection, office, friday + timedelta(days=3), purpose="EMERGENCY", begins=date(2026, 2, 16))
    in_festival = datetime(2026, 2, 20, 12, 0, tzinfo=SHANGHAI)

    assert [each.id for each in overdue(connection, in_festival)] == [urgent.id]
    after = datetime(2026, 2, 25, 0, 0, tzinfo=SHANGHAI)
    assert {each.id for each in overdue(connection, after)} == {plain.id, urgent.id}


@pytest.mark.req("S1-87", "S2-19")
def test_an_emergency_on_a_holiday_is_approved_there_and_then(connection: Connection, office: Office) -> None:
    holiday = datetime(2026, 2, 17, 22, 30, tzinfo=SHANGHAI)
    made = hand_in(connection, office, holiday, purpose="EMERGENCY", begins=date(2026, 2, 17))
    soon = holiday + timedelta(hours=1)
    done(take_up(connection, made.id, REVIEWER, soon))
    decided = done(approve(connection, office, made.id, REVIEWER, soon))
    found = usable(connection, 1, SHENZHEN, "CASH", soon)

    assert made.review_due is not None
    assert soon < made.review_due == holiday + timedelta(hours=4)
    assert found is not None
    assert (found.application_id, found.proven) == (decided.id, False)


@pytest.mark.req("S1-36")
def test_papers_of_an_emergency_that_do_not_follow_freeze_it_until_they_come(
    connection: Connection, office: Office
) -> None:
    made = hand_in(connection, office, purpose="EMERGENCY")
    done(take_up(connection, made.id, REVIEWER, LATER))
    decided = done(approve(connection, office, made.id, REVIEWER, LATER))
    assert decided.filing_due is not None
    on_time = NOW + timedelta(days=10)
    too_late = NOW + timedelta(days=11)

    assert (freeze_for_papers(connection, on_time), freeze_for_papers(connection, too_late)) == (0, 1)
    assert usable(connection, 1, SHENZHEN, "CASH", too_late) is None
    assert notices_of(connection, 1)[0].kind is Notice.SUSPENDED
    back = done(supplement(connection, office, made.id, PERSON, too_late, papers=[paper("EMERGENCY_PROOF")]))
    assert (back.state, back.complete) == (ApplicationState.APPROVED, True)
    found = usable(connection, 1, SHENZHEN, "CASH", too_late)
    assert found is not None
    assert found.proven


@pytest.mark.req("S2-42")
def test_an_approval_that_nobody_used_expires_and_frees_all_of_it(connection: Connection, office: Office) -> None:
    made = hand_in(connection, office, amount_fen=50_000)
    assert made.valid_until is not None
    last = datetime(2026, 7, 19, 23, 59, tzinfo=SHANGHAI)

    assert made.valid_until == last.date()
    assert (expire(connection, last), expire(connection, last + timedelta(minutes=1))) == (0, 1)
    assert by_id(connection, made.id).state is ApplicationState.EXPIRED
    assert history(connection, made.id)[-1].detail == {"released_fen": 50_000}
    (posted,) = all_releases(connection, made.person_id)
    assert (posted.application_id, posted.draw_id, posted.fen) == (made.id, None, 50_000)
    assert notices_of(connection, 1)[0].kind is Notice.EXPIRED


@pytest.mark.req("S2-42")
def test_what_is_not_mended_or_completed_in_time_expires(connection: Connection, office: Office) -> None:
    returned = hand_in(connection, office)
    done(return_(connection, office, returned.id, [Problem("hospital", "not_found")], REVIEWER, NOW))
    incomplete = hand_in(connection, office, purpose="TREATMENT")
    in_review = hand_in(connection, office)

    assert (expire(connection, NOW + timedelta(days=10)), expire(connection, NOW + timedelta(days=11))) == (0, 2)
    assert [by_id(connection, each.id).state for each in (returned, incomplete, in_review)] == [
        ApplicationState.EXPIRED,
        ApplicationState.EXPIRED,
        ApplicationState.UNDER_REVIEW,
    ]


@pytest.mark.req("S2-06")
def test_while_a_legal_hold_lasts_nothing_that_is_open_goes_on(connection: Connection, office: Office) -> None:
    made = hand_in(connection, office)
    ends = LATER + timedelta(days=2)
    number = order(connection, SUPERVISOR, LATER, Subject.person(1), Measure.LEGAL_HOLD, "investigation")
    assert [run(connection, office, LATER).held for _ in range(2)] == [1, 0]
    assert by_id(connection, made.id).state is ApplicationState.SUSPENDED

    lift(connection, SUPERVISOR, LATER, number)
    order(connection, SUPERVISOR, LATER, Subject.person(1), Measure.LEGAL_HOLD, "another one", to_at=ends)
    assert run(connection, office, LATER).held == 0
    assert by_id(connection, made.id).state is ApplicationState.SUSPENDED
    assert [run(connection, office, ends).held for _ in range(2)] == [1, 0]
    assert by_id(connection, made.id).state is made.state


@pytest.mark.req("S2-66")
def test_a_person_is_reminded_once_before_a_last_day(connection: Connection, office: Office) -> None:
    hand_in(connection, office, amount_fen=50_000)
    week_before = NOW + timedelta(days=53)

    assert run(connection, office, week_before - timedelta(days=1)) == NOTHING
    assert [run(connection, office, week_before).reminded for _ in range(2)] == [1, 0]
    assert notices_of(connection, 1)[0].kind is Notice.EXPIRING


def test_running_twice_changes_nothing(connection: Connection, office: Office) -> None:
    for fen in (50_000, 100_000):
        hand_in(connection, office, amount_fen=fen)
    hand_in(connection, office, purpose="TREATMENT")
    late = NOW + timedelta(days=100)

    first = run(connection, office, late)

    assert (first.escalated, first.expired) == (2, 2)
    assert run(connection, office, late) == NOTHING
