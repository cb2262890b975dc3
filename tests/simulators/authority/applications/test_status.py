"""What a person sees of an application."""

from datetime import timedelta

import pytest
from sqlalchemy import Connection

from simulators.authority.actors import Role
from simulators.authority.applications.office import Office
from simulators.authority.applications.problems import Problem
from simulators.authority.applications.review import approve, return_
from simulators.authority.applications.states import Event
from simulators.authority.applications.status import statuses
from simulators.authority.tables.applications import ApplicationState
from tests.simulators.authority.applications.conftest import NOW
from tests.simulators.authority.applications.forms import paper
from tests.simulators.authority.applications.staff import REVIEWER
from tests.simulators.authority.applications.stories import done, hand_in
from tests.simulators.authority.kiosk import JIA

LATER = NOW + timedelta(hours=2)


@pytest.mark.req("S2-53")
def test_state_history_and_expected_date_are_told(connection: Connection, office: Office) -> None:
    made = hand_in(connection, office)
    (shown,) = statuses(connection, office, 1, LATER)

    assert shown.application == made
    assert shown.expected == made.review_due
    assert [(step.event, step.by) for step in shown.history] == [
        (Event.SUBMIT, Role.PERSON),
        (Event.COMPLETE, Role.PERSON),
    ]
    assert (shown.remaining_fen, shown.findings, shown.missing) == (None, (), ())


@pytest.mark.req("S2-53")
def test_after_an_approval_the_rest_and_the_masked_account_are_told(connection: Connection, office: Office) -> None:
    made = hand_in(connection, office)
    done(approve(connection, office, made.id, REVIEWER, LATER, 80_000))
    (shown,) = statuses(connection, office, 1, LATER)

    assert (shown.remaining_fen, shown.expected) == (80_000, None)
    assert shown.payee_account == "621700*********0012"
    assert JIA.pan not in repr(shown)


@pytest.mark.req("S2-53", "S2-23")
def test_what_is_missing_and_what_was_found_is_told(connection: Connection, office: Office) -> None:
    errors = [Problem("document.ID_CARD", "unreadable"), Problem("hospital", "not_found")]
    made = hand_in(connection, office, purpose="TREATMENT", papers=[paper("ID_CARD")])
    done(return_(connection, office, made.id, errors, REVIEWER, LATER))
    newer = hand_in(connection, office, LATER)
    first, second = statuses(connection, office, 1, LATER)

    assert (first.application.id, second.application.state) == (newer.id, ApplicationState.RETURNED)
    assert second.missing == ("ADMISSION", "REFERRAL")
    assert second.findings == tuple(errors)


def test_nobody_sees_those_of_others(connection: Connection, office: Office) -> None:
    hand_in(connection, office)

    assert statuses(connection, office, 2, LATER) == ()
