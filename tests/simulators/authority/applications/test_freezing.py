"""Death, the end of an insurance, a move, an investigation: everything open stands still at once."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from simulators.authority.actors import SYSTEM
from simulators.authority.applications.freezing import Cause, end, freeze, thaw
from simulators.authority.applications.notifications import Notice, notices_of
from simulators.authority.applications.office import Office
from simulators.authority.applications.review import approve
from simulators.authority.applications.store import by_id, history
from simulators.authority.applications.usable import usable
from simulators.authority.people.accounts import record_event, set_state
from simulators.authority.tables.applications import ApplicationState
from simulators.authority.tables.people import PersonState
from tests.simulators.authority.applications.conftest import NOW
from tests.simulators.authority.applications.staff import REVIEWER, SUPERVISOR
from tests.simulators.authority.applications.stories import done, hand_in, told
from tests.simulators.authority.kiosk import SHENZHEN

LATER = NOW + timedelta(hours=1)


@pytest.mark.req("S1-14")
@pytest.mark.parametrize("event", [PersonState.DECEASED, PersonState.STOPPED, PersonState.MOVED_OUT])
def test_an_event_freezes_everything_that_is_open(connection: Connection, office: Office, event: PersonState) -> None:
    approved = hand_in(connection, office, amount_fen=50_000)
    in_review = hand_in(connection, office)
    moved_to = SHENZHEN if event is PersonState.MOVED_OUT else None
    record_event(connection, REVIEWER, LATER, 1, event, NOW.date(), moved_to)

    for made in (approved, in_review):
        assert by_id(connection, made.id).state is ApplicationState.SUSPENDED
        assert history(connection, made.id)[-1].at == LATER
    assert usable(connection, 1, SHENZHEN, "CASH", LATER) is None
    assert told(approve(connection, office, in_review.id, REVIEWER, LATER)) == {"not_possible"}
    assert {notice.kind for notice in notices_of(connection, 1)[:2]} == {Notice.SUSPENDED}


@pytest.mark.req("S1-14")
def test_after_a_death_applications_end(connection: Connection, office: Office) -> None:
    made = hand_in(connection, office, amount_fen=50_000)
    record_event(connection, REVIEWER, LATER, 1, PersonState.DECEASED, NOW.date())
    end(connection, 1, Cause.DEATH, SUPERVISOR, LATER)

    assert by_id(connection, made.id).state is ApplicationState.CANCELLED


def test_an_account_that_is_frozen_and_released_goes_on(connection: Connection, office: Office) -> None:
    made = hand_in(connection, office, amount_fen=50_000)
    set_state(connection, REVIEWER, LATER, 1, PersonState.FROZEN, "inquiry")
    assert by_id(connection, made.id).state is ApplicationState.SUSPENDED

    set_state(connection, REVIEWER, LATER, 1, PersonState.ACTIVE, "nothing found")
    assert by_id(connection, made.id).state is ApplicationState.APPROVED
    assert [each.kind for each in notices_of(connection, 1)[:2]] == [Notice.ACCOUNT_CHANGED, Notice.RESUMED]


@pytest.mark.req("S2-06")
def test_a_hold_for_one_cause_is_not_ended_by_another(connection: Connection, office: Office) -> None:
    made = hand_in(connection, office, amount_fen=50_000)
    freeze(connection, 1, Cause.LEGAL_HOLD, SUPERVISOR, LATER)
    freeze(connection, 1, Cause.SUSPENSION, SYSTEM, LATER)
    thaw(connection, 1, Cause.SUSPENSION, SYSTEM, LATER)
    assert by_id(connection, made.id).state is ApplicationState.SUSPENDED

    thaw(connection, 1, Cause.LEGAL_HOLD, SUPERVISOR, LATER)
    assert by_id(connection, made.id) == made


def test_a_review_whose_deadline_passed_meanwhile_is_due_at_once(connection: Connection, office: Office) -> None:
    made = hand_in(connection, office)
    freeze(connection, 1, Cause.LEGAL_HOLD, SUPERVISOR, LATER)
    much_later = NOW + timedelta(days=30)
    (going_on,) = thaw(connection, 1, Cause.LEGAL_HOLD, SUPERVISOR, much_later)

    assert (going_on.id, going_on.review_due) == (made.id, much_later)
    assert done(approve(connection, office, made.id, REVIEWER, much_later)).state is ApplicationState.APPROVED


def test_what_has_ended_stays_ended(connection: Connection, office: Office) -> None:
    freeze(connection, 1, Cause.DEATH, SYSTEM, LATER)
    assert thaw(connection, 1, Cause.DEATH, SYSTEM, LATER) == end(connection, 1, Cause.DEATH, SYSTEM, LATER) == ()
