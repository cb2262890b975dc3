"""Objections: numbered, in time, answered by somebody else."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, select

from simulators.authority.actors import SYSTEM, Actor, Role
from simulators.authority.applications.appeals import (
    Appeal,
    Subject,
    appeal_by_number,
    decide_appeal,
    escalate_overdue_appeals,
    file_appeal,
    grounds_of,
    subject_application,
    subject_refusal,
    take_in_hand,
)
from simulators.authority.applications.notifications import Notice, notices_of
from simulators.authority.applications.numbers import NumberKind, is_number
from simulators.authority.applications.office import Office
from simulators.authority.applications.problems import Problem, Refused
from simulators.authority.applications.relatives import add_relative
from simulators.authority.applications.review import approve, reject
from simulators.authority.applications.submission import apply
from simulators.authority.business_time import SHANGHAI
from simulators.authority.policy.vocabulary import Channel
from simulators.authority.supervision.audit import first_broken
from simulators.authority.tables.applications import AppealState, Kinship, appeals
from tests.simulators.authority.applications.conftest import NOW
from tests.simulators.authority.applications.forms import form
from tests.simulators.authority.applications.staff import (
    FAR_REVIEWER,
    PERSON,
    REVIEWER,
    SECOND,
    STRANGER,
    SUPERVISOR,
    TELLER,
)
from tests.simulators.authority.applications.stories import done, hand_in
from tests.simulators.authority.kiosk import CHENGDU

LATER = NOW + timedelta(days=1)
GROUNDS = "材料已齐全,请复核"


def made(result: Appeal | Refused) -> Appeal:
    assert isinstance(result, Appeal), result
    return result


def keys(result: Appeal | Refused) -> frozenset[str]:
    assert isinstance(result, Refused), result
    return result.keys


@pytest.fixture
def subject(connection: Connection, office: Office) -> Subject:
    """JIA's application, rejected by REVIEWER."""
    application = hand_in(connection, office)
    done(reject(connection, application.id, [Problem("amount_fen", "not_plausible")], REVIEWER, NOW))
    return subject_application(connection, application.id)


@pytest.mark.req("S1-91")
def test_an_appeal_has_a_number_and_a_deadline_in_working_days(
    connection: Connection, office: Office, subject: Subject
) -> None:
    appeal = made(file_appeal(connection, office, subject, GROUNDS, PERSON, LATER))

    assert is_number(appeal.number, NumberKind.APPEAL)
    assert appeal.due == datetime(2026, 6, 4, 23, 59, 59, tzinfo=SHANGHAI)
    assert appeal.subject == f"application:{subject.id}"
    assert appeal_by_number(connection, appeal.number) == appeal
    assert (notices_of(connection, 1)[0].kind, notices_of(connection, 1)[0].gaps["number"]) == (
        Notice.APPEAL_FILED,
        appeal.number,
    )


@pytest.mark.req("S1-91")
def test_somebody_else_than_the_first_decider_answers(connection: Connection, office: Office, subject: Subject) -> None:
    appeal = made(file_appeal(connection, office, subject, GROUNDS, PERSON, LATER))

    assert keys(take_in_hand(connection, appeal, REVIEWER, LATER)) == {"decided_before"}
    in_hand = made(take_in_hand(connection, appeal, SECOND, LATER))
    assert (in_hand.state, in_hand.handler) == (AppealState.IN_HAND, "r2")
    assert keys(decide_appeal(connection, in_hand, REVIEWER, LATER, upheld=True, outcome="new_review")) == {
        "decided_before"
    }
    over = made(decide_appeal(connection, in_hand, SECOND, LATER, upheld=True, outcome="new_review"))
    assert (over.state, over.outcome, over.decided_at) == (AppealState.UPHELD, "new_review", LATER)
    assert notices_of(connection, 1)[0].kind is Notice.APPEAL_UPHELD
    assert first_broken(connection) is None


@pytest.mark.req("S1-91", "S1-37")
def test_all_who_decided_before_are_shut_out_also_under_another_account(connection: Connection, office: Office) -> None:
    application = hand_in(connection, office, amount_fen=300_000)
    done(approve(connection, office, application.id, replace(SECOND, person_id=2), NOW))
    done(reject(connection, application.id, [Problem("reason", "not_plausible")], REVIEWER, NOW))
    subject = subject_application(connection, application.id)
    appeal = made(file_appeal(connection, office, subject, GROUNDS, PERSON, LATER))

    assert {each.id for each in subject.deciders} == {"r1", "r2"}
    for same in (REVIEWER, SECOND, Actor(Role.REVIEWER, "r7", REVIEWER.region, 2)):
        assert "decided_before" in keys(take_in_hand(connection, appeal, same, LATER))


@pytest.mark.req("S1-91")
def test_nobody_from_elsewhere_no_relative_and_no_bank_answers(
    connection: Connection, office: Office, subject: Subject
) -> None:
    appeal = made(file_appeal(connection, office, subject, GROUNDS, PERSON, LATER))
    add_relative(connection, 1, 2, Kinship.SPOUSE)

    for other in (FAR_REVIEWER, TELLER, SUPERVISOR):
        assert keys(take_in_hand(connection, appeal, other, LATER)) == {"not_a_reviewer_of_the_home_region"}
    assert keys(take_in_hand(connection, appeal, replace(SECOND, person_id=2), LATER)) == {"is_relative"}
    assert keys(take_in_hand(connection, appeal, replace(SECOND, person_id=1), LATER)) == {"is_applicant"}


@pytest.mark.req("S1-91")
def test_a_form_that_rules_refused_can_be_appealed_against(connection: Connection, office: Office) -> None:
    told = apply(connection, office, form(place=CHENGDU), Channel.ONLINE, PERSON, NOW)
    assert isinstance(told, Refused)
    assert told.refusal_id is not None
    subject = subject_refusal(connection, told.refusal_id)
    appeal = made(file_appeal(connection, office, subject, GROUNDS, PERSON, LATER))

    assert appeal.subject == f"refusal:{told.refusal_id}"
    assert made(decide_appeal(connection, appeal, REVIEWER, LATER, upheld=False, outcome="rule_holds"))


@pytest.mark.req("S1-91")
def test_a_penalty_or_recovery_of_another_room_can_be_appealed_against(connection: Connection, office: Office) -> None:
    penalty = Subject("case", 17, 1, (REVIEWER,), NOW)
    appeal = made(file_appeal(connection, office, penalty, GROUNDS, PERSON, LATER))

    assert keys(take_in_hand(connection, appeal, REVIEWER, LATER)) == {"decided_before"}
    assert made(take_in_hand(connection, appeal, SECOND, LATER)).subject == "case:17"


@pytest.mark.req("S1-91")
def test_everything_that_keeps_an_appeal_out_is_named(connection: Connection, office: Office, subject: Subject) -> None:
    made(file_appeal(connection, office, subject, GROUNDS, TELLER, LATER))
    too_late = NOW + timedelta(days=60, seconds=1)

    assert keys(file_appeal(connection, office, subject, " ", STRANGER, too_late)) == {
        "not_of_person",
        "missing",
        "too_late",
        "open_already",
    }


def test_after_an_answer_it_is_over(connection: Connection, office: Office, subject: Subject) -> None:
    appeal = made(file_appeal(connection, office, subject, GROUNDS, PERSON, LATER))
    assert keys(decide_appeal(connection, appeal, SECOND, LATER, upheld=True, outcome="")) == {"missing"}
    over = made(decide_appeal(connection, appeal, SECOND, LATER, upheld=False, outcome="rule_holds"))

    assert keys(decide_appeal(connection, over, SECOND, LATER, upheld=True, outcome="x")) == {"not_possible"}
    assert keys(take_in_hand(connection, over, SECOND, LATER)) == {"not_possible"}
    assert made(file_appeal(connection, office, subject, GROUNDS, PERSON, LATER)).id != over.id


def test_what_is_overdue_is_escalated_once(connection: Connection, office: Office, subject: Subject) -> None:
    appeal = made(file_appeal(connection, office, subject, GROUNDS, PERSON, LATER))
    late = appeal.due + timedelta(seconds=1)

    assert escalate_overdue_appeals(connection, appeal.due, SYSTEM) == 0
    assert [escalate_overdue_appeals(connection, late, SYSTEM) for _ in range(2)] == [1, 0]


def test_the_grounds_are_sealed(connection: Connection, office: Office, subject: Subject) -> None:
    appeal = made(file_appeal(connection, office, subject, GROUNDS, PERSON, LATER))

    assert grounds_of(office.hsm, appeal) == GROUNDS
    assert GROUNDS.encode() not in connection.scalars(select(appeals.c.grounds_sealed)).one()
    assert GROUNDS not in repr(appeal)
    assert appeal_by_number(connection, "2" * 20) is None
    with pytest.raises(LookupError):
        subject_application(connection, 99)
    with pytest.raises(LookupError):
        subject_refusal(connection, 99)
