"""What a person may still do: hand in, change, withdraw."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from protocol.service_line.applications import Declaration, Form
from simulators.authority.actors import Actor, Role
from simulators.authority.applications.changes import change, supplement, withdraw
from simulators.authority.applications.documents import filed
from simulators.authority.applications.form_versions import form_of
from simulators.authority.applications.office import Office
from simulators.authority.applications.problems import Problem, Refused
from simulators.authority.applications.review import approve, return_, take_up
from simulators.authority.applications.states import Event
from simulators.authority.applications.store import by_id, history
from simulators.authority.applications.submission import Accepted
from simulators.authority.applications.usable import usable
from simulators.authority.hsm import SoftHsm
from simulators.authority.people.register import load_people
from simulators.authority.tables.applications import ApplicationState, StepUp, declarations
from tests.simulators.authority.applications.conftest import NOW
from tests.simulators.authority.applications.forms import AGENT, PDF, paper
from tests.simulators.authority.applications.policies import book
from tests.simulators.authority.applications.staff import PERSON, REVIEWER, SECOND, STRANGER, TELLER
from tests.simulators.authority.applications.stories import done, hand_in, told
from tests.simulators.authority.kiosk import SHENZHEN, YI

LATER = NOW + timedelta(hours=2)
SIGNED = Declaration(version="1", accepted=True)
ERRORS = [Problem("hospital", "not_found")]


def changes(**fields: Any) -> Form:
    return Form(declaration=SIGNED, **fields)


@pytest.mark.req("S2-23", "S2-76")
def test_papers_that_come_later_complete_the_application(connection: Connection, office: Office) -> None:
    made = hand_in(connection, office, purpose="TREATMENT", papers=[paper("ID_CARD")])
    first = supplement(connection, office, made.id, PERSON, LATER, papers=[paper("ADMISSION", PDF)])
    second = supplement(connection, office, made.id, TELLER, LATER, papers=[paper("REFERRAL")])

    assert isinstance(first, Accepted)
    assert (first.missing, first.application.state) == (("REFERRAL",), ApplicationState.SUBMITTED)
    assert done(second).state is ApplicationState.UNDER_REVIEW
    assert (done(second).complete, done(second).filing_due) == (True, None)
    assert {each.kind for each in filed(connection, made.id)} == {"ID_CARD", "ADMISSION", "REFERRAL"}


@pytest.mark.req("S2-76")
def test_a_paper_that_is_none_is_refused_and_nothing_is_filed(connection: Connection, office: Office) -> None:
    made = hand_in(connection, office, purpose="TREATMENT")
    papers = [paper("ID_CARD"), paper("REFERRAL", b"x")]

    assert told(supplement(connection, office, made.id, PERSON, LATER, papers=papers)) == {"no_document"}
    assert filed(connection, made.id) == ()


@pytest.mark.req("S1-24", "S2-64")
def test_what_was_returned_is_mended_and_goes_on(connection: Connection, office: Office) -> None:
    made = hand_in(connection, office)
    done(return_(connection, office, made.id, ERRORS, REVIEWER, LATER))
    wrong = supplement(connection, office, made.id, PERSON, LATER, fields=Form(hospital="  "))
    assert told(wrong) == {"missing"}
    again = done(supplement(connection, office, made.id, PERSON, LATER, fields=Form(hospital="深圳市第二测试医院")))

    assert (again.state, again.form_version, again.review_round) == (ApplicationState.UNDER_REVIEW, 2, 2)
    assert again.review_due is not None
    assert form_of(connection, office.hsm, made.id, 1).hospital == "深圳市测试医院"
    assert form_of(connection, office.hsm, made.id, 2).hospital == "深圳市第二测试医院"
    assert done(approve(connection, office, made.id, REVIEWER, LATER)).state is ApplicationState.APPROVED


@pytest.mark.req("S2-22")
def test_what_lacked_a_health_status_goes_on_with_a_paper_but_is_not_approved_before_it_is_entered(
    connection: Connection, hsm: SoftHsm
) -> None:
    needs = Office(hsm, book({"eligibility": {"health_codes": ["CHRONIC"]}}))
    made = hand_in(connection, needs)
    assert told(supplement(connection, needs, made.id, PERSON, LATER, fields=Form(hospital="其他"))) == {
        "health_status"
    }
    again = done(supplement(connection, needs, made.id, PERSON, LATER, papers=[paper("HEALTH_PROOF")]))

    assert again.state is ApplicationState.UNDER_REVIEW
    assert told(approve(connection, needs, made.id, REVIEWER, LATER)) == {"health_status"}


@pytest.mark.req("S2-23")
def test_a_returned_application_comes_back_complete(connection: Connection, office: Office) -> None:
    made = hand_in(connection, office, purpose="TREATMENT", papers=[paper("ID_CARD")])
    done(return_(connection, office, made.id, [Problem("document.REFERRAL", "missing")], REVIEWER, LATER))
    short = supplement(connection, office, made.id, PERSON, LATER, papers=[paper("REFERRAL")])

    assert isinstance(short, Refused)
    assert short.problems == (Problem("document.ADMISSION", "missing"),)
    both = supplement(connection, office, made.id, PERSON, LATER, papers=[paper("REFERRAL"), paper("ADMISSION")])
    assert done(both).state is ApplicationState.UNDER_REVIEW


def test_before_a_return_only_blanks_may_be_filled(connection: Connection, office: Office) -> None:
    made = hand_in(connection, office)
    more = supplement(connection, office, made.id, PERSON, LATER, fields=Form(amount_fen=200_000, place="371000"))
    filled = done(supplement(connection, office, made.id, PERSON, LATER, fields=Form(icd10="I21")))

    assert isinstance(more, Refused)
    assert more.problems == (Problem("amount_fen", "needs_change"), Problem("place", "needs_change"))
    assert form_of(connection, office.hsm, made.id, filled.form_version).icd10 == "I21"
    assert told(supplement(connection, office, made.id, PERSON, LATER)) == {"nothing_new"}


@pytest.mark.req("S1-37")
def test_what_comes_after_the_first_pair_of_eyes_is_seen_by_two_again(connection: Connection, office: Office) -> None:
    made = hand_in(connection, office, amount_fen=300_000)
    done(approve(connection, office, made.id, REVIEWER, LATER))
    done(supplement(connection, office, made.id, PERSON, LATER, papers=[paper("INVOICE")]))

    assert done(approve(connection, office, made.id, SECOND, LATER)).state is ApplicationState.UNDER_REVIEW
    assert done(approve(connection, office, made.id, REVIEWER, LATER)).state is ApplicationState.APPROVED


@pytest.mark.req("S2-04")
def test_a_change_begins_the_review_anew_and_voids_an_approval(connection: Connection, office: Office) -> None:
    made = hand_in(connection, office)
    done(approve(connection, office, made.id, REVIEWER, LATER))
    changed = done(change(connection, office, made.id, changes(amount_fen=200_000), PERSON, LATER))

    assert (changed.state, changed.approved_fen, changed.valid_until) == (ApplicationState.UNDER_REVIEW, None, None)
    assert (changed.number, changed.asked_fen, changed.form_version) == (made.number, 200_000, 2)
    assert usable(connection, 1, SHENZHEN, "CASH", LATER) is None
    assert [entry.event for entry in history(connection, made.id)] == [
        Event.SUBMIT,
        Event.COMPLETE,
        Event.APPROVE,
        Event.CHANGE,
        Event.COMPLETE,
    ]
    assert form_of(connection, office.hsm, made.id, 1).amount_fen == 100_000


@pytest.mark.req("S2-04", "S2-07")
def test_a_change_is_checked_like_a_new_form_and_needs_a_new_declaration(
    connection: Connection, office: Office
) -> None:
    made = hand_in(connection, office)

    assert told(change(connection, office, made.id, Form(amount_fen=200_000), PERSON, LATER)) == {"missing"}
    assert told(change(connection, office, made.id, changes(amount_fen=0), PERSON, LATER)) == {"not_positive"}
    assert told(change(connection, office, made.id, changes(purpose="DAILY"), PERSON, LATER)) == {"purpose"}
    assert by_id(connection, made.id) == made
    done(change(connection, office, made.id, changes(amount_fen=200_000), PERSON, LATER))
    assert connection.scalars(select(declarations.c.form_version)).all() == [1, 2]


@pytest.mark.req("S2-04", "S1-25")
def test_a_change_to_a_larger_sum_asks_for_what_a_larger_sum_asks_for(connection: Connection, office: Office) -> None:
    made = hand_in(connection, office, amount_fen=50_000)
    assert made.state is ApplicationState.APPROVED
    changed = done(change(connection, office, made.id, changes(amount_fen=400_000), PERSON, LATER))

    assert (changed.step_up, changed.four_eyes) == (StepUp.REQUIRED, True)
    assert changed.state is ApplicationState.UNDER_REVIEW


@pytest.mark.req("S2-04")
@pytest.mark.parametrize("begun", ["submitted", "under review", "returned", "approved"])
def test_a_person_withdraws_what_is_open(connection: Connection, office: Office, begun: str) -> None:
    made = hand_in(connection, office, purpose="TREATMENT" if begun == "submitted" else "TREATMENT_AWAY")
    if begun == "returned":
        done(return_(connection, office, made.id, ERRORS, REVIEWER, LATER))
    if begun == "approved":
        done(approve(connection, office, made.id, REVIEWER, LATER))
    gone = done(withdraw(connection, made.id, PERSON, LATER))

    assert gone.state is ApplicationState.WITHDRAWN
    assert (history(connection, made.id)[-1].role, history(connection, made.id)[-1].at) == (Role.PERSON, LATER)
    assert usable(connection, 1, SHENZHEN, "CASH", LATER) is None
    assert told(withdraw(connection, made.id, PERSON, LATER)) == {"not_possible"}
    assert told(take_up(connection, made.id, REVIEWER, LATER)) == {"not_possible"}


@pytest.mark.req("S2-04", "S1-25")
def test_only_the_person_the_agent_or_a_teller_acts(connection: Connection, office: Office, hsm: SoftHsm) -> None:
    agent = replace(
        YI, name="测试丙", id_number="11010519491231002X", card_number="S00000039", pan="6299991234567890122"
    )
    load_people(connection, hsm, [agent], NOW)
    made = hand_in(connection, office, agent=AGENT)
    other_agent = Actor(Role.AGENT, "agent:2", None, 2)

    for other in (STRANGER, REVIEWER, other_agent, Actor(Role.AGENT, "agent:?"), Actor(Role.PERSON, "person:1")):
        assert told(withdraw(connection, made.id, other, LATER)) == {"not_of_person"}
        assert told(change(connection, office, made.id, changes(amount_fen=200_000), other, LATER)) == {"not_of_person"}
        assert told(supplement(connection, office, made.id, other, LATER, papers=[paper()])) == {"not_of_person"}
    assert done(withdraw(connection, made.id, Actor(Role.AGENT, "agent:3", None, 3), LATER))
