"""Reviewers decide: who may, what stands in the way, four eyes, and what the person hears."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, insert, select, update

from simulators.authority.actors import SYSTEM, Actor, Role
from simulators.authority.applications.bank import close_account, find_account
from simulators.authority.applications.documents import file_paper
from simulators.authority.applications.notifications import Notice, notices_of
from simulators.authority.applications.office import Office
from simulators.authority.applications.problems import Problem, Refused
from simulators.authority.applications.review import approve, check_identity, reject, return_, take_up
from simulators.authority.applications.store import Application, by_id, history
from simulators.authority.applications.submission import apply
from simulators.authority.applications.usable import usable
from simulators.authority.hsm import SoftHsm
from simulators.authority.people.register import load_people, set_person_state
from simulators.authority.policy.vocabulary import Channel
from simulators.authority.supervision.audit import first_broken
from simulators.authority.tables.applications import (
    ApplicationState,
    Kinship,
    StepUp,
    application_opinions,
    application_rules,
    identity_checks,
    relatives,
)
from simulators.authority.tables.people import PersonState, persons
from simulators.authority.tables.supervision import audit_events
from tests.simulators.authority.applications.conftest import NOW
from tests.simulators.authority.applications.forms import AGENT, FORM, paper
from tests.simulators.authority.applications.policies import book
from tests.simulators.authority.applications.staff import (
    FAR_REVIEWER,
    PERSON,
    REVIEWER,
    SECOND,
    SUPERVISOR,
    TELLER,
    THIRD,
)
from tests.simulators.authority.applications.stories import done, hand_in, told
from tests.simulators.authority.kiosk import JIA, SHENZHEN, WEIHAI, YI

LATER = NOW + timedelta(hours=2)
WRONG_AMOUNT = [Problem("amount_fen", "not_plausible")]


@pytest.mark.req("S1-24", "S2-77", "S2-54")
def test_an_approval_is_usable_a_second_later_and_the_person_hears_of_it(
    connection: Connection, office: Office
) -> None:
    made = hand_in(connection, office)
    decided = done(approve(connection, office, made.id, REVIEWER, LATER, 80_000))
    found = usable(connection, 1, SHENZHEN, "TRANSFER", LATER + timedelta(seconds=1))

    assert (decided.state, decided.approved_fen) == (ApplicationState.APPROVED, 80_000)
    assert found is not None
    assert (found.approved_fen, found.decided_at) == (80_000, LATER)
    notice = notices_of(connection, 1)[0]
    assert (notice.kind, notice.gaps["approved_fen"]) == (Notice.APPROVED, 80_000)


@pytest.mark.req("S1-24")
def test_rules_are_asked_anew_at_the_review_and_each_outcome_is_kept(connection: Connection, office: Office) -> None:
    made = hand_in(connection, office)
    done(approve(connection, office, made.id, REVIEWER, LATER))

    evaluations = connection.scalars(select(application_rules.c.evaluation).distinct()).all()
    assert sorted(evaluations) == [1, 2]


@pytest.mark.req("S2-24", "S1-37")
@pytest.mark.parametrize(
    "actor",
    [TELLER, PERSON, SUPERVISOR, FAR_REVIEWER, SYSTEM, Actor(Role.REVIEWER, "r5"), Actor(Role.TERMINAL, "K1", WEIHAI)],
)
def test_nobody_but_a_reviewer_of_the_home_region_decides(connection: Connection, office: Office, actor: Actor) -> None:
    made = hand_in(connection, office)

    for result in (
        approve(connection, office, made.id, actor, LATER),
        reject(connection, made.id, WRONG_AMOUNT, actor, LATER),
        return_(connection, office, made.id, WRONG_AMOUNT, actor, LATER),
    ):
        assert "not_a_reviewer_of_the_home_region" in told(result)
    assert by_id(connection, made.id) == made
    tried = connection.scalars(select(audit_events.c.event).where(audit_events.c.actor == actor.id)).all()
    assert tried.count("review refused") == 3
    assert first_broken(connection) is None


@pytest.mark.req("S1-37")
@pytest.mark.parametrize(
    ("reviewer", "key"),
    [
        (replace(REVIEWER, person_id=1), "is_applicant"),
        (replace(REVIEWER, person_id=2), "is_relative"),
        (replace(REVIEWER, person_id=3), "handed_it_in"),
    ],
)
def test_the_applicant_a_relative_and_whoever_handed_it_in_do_not_review(
    connection: Connection, office: Office, hsm: SoftHsm, reviewer: Actor, key: str
) -> None:
    colleague = replace(YI, id_number="11010519491231002X", card_number="S00000039", pan="6299991234567890122")
    load_people(connection, hsm, [colleague], NOW)
    connection.execute(insert(relatives).values(person_id=1, relative_id=2, kinship=Kinship.SIBLING))
    by_teller = replace(TELLER, person_id=3)
    made = hand_in_by(connection, office, by_teller)

    for result in (
        approve(connection, office, made.id, reviewer, LATER),
        take_up(connection, made.id, reviewer, LATER),
        reject(connection, made.id, WRONG_AMOUNT, reviewer, LATER),
    ):
        assert key in told(result)
    done(approve(connection, office, made.id, REVIEWER, LATER))


def hand_in_by(connection: Connection, office: Office, actor: Actor) -> Application:
    return done(apply(connection, office, FORM, Channel.COUNTER, actor, NOW))


@pytest.mark.req("S1-37", "S1-25")
def test_an_agent_and_the_agents_relatives_do_not_review(connection: Connection, office: Office, hsm: SoftHsm) -> None:
    agent = replace(
        YI, name="测试丙", id_number="11010519491231002X", card_number="S00000039", pan="6299991234567890122"
    )
    load_people(connection, hsm, [agent], NOW)
    connection.execute(insert(relatives).values(person_id=2, relative_id=3, kinship=Kinship.CHILD))
    made = hand_in(connection, office, agent=AGENT)

    assert "is_applicant" in told(take_up(connection, made.id, replace(REVIEWER, person_id=3), LATER))
    assert "is_relative" in told(take_up(connection, made.id, replace(REVIEWER, person_id=2), LATER))


@pytest.mark.req("S1-37")
def test_four_eyes_are_two_different_people_and_the_smaller_sum_counts(connection: Connection, office: Office) -> None:
    made = hand_in(connection, office, amount_fen=300_000)
    first = done(approve(connection, office, made.id, REVIEWER, LATER, 250_000))

    assert first.state is ApplicationState.UNDER_REVIEW
    assert usable(connection, 1, SHENZHEN, "CASH", LATER) is None
    assert told(approve(connection, office, made.id, REVIEWER, LATER)) == {"same_eyes"}
    decided = done(approve(connection, office, made.id, THIRD, LATER))
    assert (decided.state, decided.approved_fen) == (ApplicationState.APPROVED, 250_000)
    opinions = connection.execute(select(application_opinions.c.reviewer, application_opinions.c.approved_fen)).all()
    assert opinions == [("r1", 250_000), ("r3", 300_000)]


@pytest.mark.req("S1-37")
def test_two_accounts_of_one_human_being_are_one_pair_of_eyes(connection: Connection, office: Office) -> None:
    made = hand_in(connection, office, amount_fen=300_000)
    done(approve(connection, office, made.id, replace(REVIEWER, person_id=2), LATER))

    assert told(approve(connection, office, made.id, replace(SECOND, person_id=2), LATER)) == {"same_eyes"}


@pytest.mark.req("S1-25")
def test_no_approval_before_the_identity_check_has_passed(connection: Connection, office: Office) -> None:
    made = hand_in(connection, office, amount_fen=400_000)

    assert told(approve(connection, office, made.id, REVIEWER, LATER)) == {"not_checked"}
    failed = done(check_identity(connection, made.id, "face", TELLER, LATER, passed=False))
    assert failed.step_up is StepUp.REQUIRED
    assert told(approve(connection, office, made.id, REVIEWER, LATER)) == {"not_checked"}
    passed = done(check_identity(connection, made.id, "document", REVIEWER, LATER, passed=True))
    assert passed.step_up is StepUp.PASSED
    done(approve(connection, office, made.id, REVIEWER, LATER))
    assert done(approve(connection, office, made.id, SECOND, LATER)).state is ApplicationState.APPROVED
    kept = connection.execute(select(identity_checks.c.method, identity_checks.c.passed)).all()
    assert kept == [("face", False), ("document", True)]


@pytest.mark.req("S1-25")
def test_a_flag_that_came_after_the_form_asks_for_the_check_too(connection: Connection, office: Office) -> None:
    made = hand_in(connection, office)
    flagged = replace(office, is_flagged=lambda *_: True)

    assert told(approve(connection, flagged, made.id, REVIEWER, LATER)) == {"not_checked"}
    done(check_identity(connection, made.id, "face", REVIEWER, LATER, passed=True))
    assert done(approve(connection, flagged, made.id, REVIEWER, LATER)).state is ApplicationState.APPROVED


def test_the_person_does_not_check_the_own_identity(connection: Connection, office: Office) -> None:
    made = hand_in(connection, office)

    assert told(check_identity(connection, made.id, "face", PERSON, LATER, passed=True)) == {"not_possible"}


Spoils = Callable[[Connection, SoftHsm], None]


def closes_the_payee_account(connection: Connection, hsm: SoftHsm) -> None:
    account = find_account(connection, hsm, JIA.pan)
    assert account is not None
    close_account(connection, account.id)


def changes_the_name(connection: Connection, hsm: SoftHsm) -> None:
    connection.execute(update(persons).where(persons.c.id == 1).values(name_sealed=hsm.seal("测试辛")))


def freezes_the_person(connection: Connection, _: SoftHsm) -> None:
    set_person_state(connection, 1, PersonState.FROZEN)


def moves_the_person(connection: Connection, _: SoftHsm) -> None:
    connection.execute(update(persons).where(persons.c.id == 1).values(region=SHENZHEN))


@pytest.mark.req("S1-38", "S1-14")
@pytest.mark.parametrize(
    ("spoils", "keys"),
    [
        (closes_the_payee_account, {"closed"}),
        (changes_the_name, {"not_as_registered", "not_own"}),
        (freezes_the_person, {"account_state"}),
        (moves_the_person, {"moved"}),
    ],
)
def test_what_does_not_agree_any_more_can_not_be_approved(
    connection: Connection, office: Office, spoils: Spoils, keys: set[str]
) -> None:
    made = hand_in(connection, office)
    spoils(connection, office.hsm)

    assert told(approve(connection, office, made.id, REVIEWER, LATER)) == keys
    assert by_id(connection, made.id).state is ApplicationState.UNDER_REVIEW


@pytest.mark.req("S2-23")
def test_without_its_papers_an_application_is_not_approved(connection: Connection, office: Office) -> None:
    made = hand_in(connection, office, purpose="TREATMENT", papers=[paper("ID_CARD")])
    done(take_up(connection, made.id, REVIEWER, LATER))
    result = approve(connection, office, made.id, REVIEWER, LATER)

    assert isinstance(result, Refused)
    assert result.problems == (Problem("document.ADMISSION", "missing"), Problem("document.REFERRAL", "missing"))
    for kind in ("ADMISSION", "REFERRAL"):
        file_paper(connection, office.hsm, made.id, paper(kind), PERSON, LATER)
    assert done(approve(connection, office, made.id, REVIEWER, LATER)).state is ApplicationState.APPROVED


@pytest.mark.req("S1-36", "S2-19", "S1-87")
def test_an_emergency_is_approved_before_its_papers_come(connection: Connection, office: Office) -> None:
    made = hand_in(connection, office, purpose="EMERGENCY")
    done(take_up(connection, made.id, REVIEWER, LATER))
    decided = done(approve(connection, office, made.id, REVIEWER, LATER))

    assert (decided.state, decided.complete) == (ApplicationState.APPROVED, False)
    assert decided.filing_due is not None


@pytest.mark.req("S1-24", "S2-64")
def test_a_correctable_error_is_returned_with_the_list(connection: Connection, office: Office) -> None:
    made = hand_in(connection, office)
    errors = [Problem("hospital", "not_found"), Problem("document.ID_CARD", "unreadable")]
    back = done(return_(connection, office, made.id, errors, REVIEWER, LATER))

    assert (back.state, back.review_due) == (ApplicationState.RETURNED, None)
    assert back.filing_due == LATER.date() + timedelta(days=10)
    reasons = str(history(connection, made.id)[-1].detail["reasons"])
    assert "hospital" in reasons
    assert "unreadable" in reasons
    assert notices_of(connection, 1)[0].kind is Notice.RETURNED


@pytest.mark.req("S1-24")
def test_a_rejection_has_reasons_and_is_an_end(connection: Connection, office: Office) -> None:
    made = hand_in(connection, office)

    assert told(reject(connection, made.id, [], REVIEWER, LATER)) == {"missing"}
    assert told(return_(connection, office, made.id, [], REVIEWER, LATER)) == {"missing"}
    over = done(reject(connection, made.id, WRONG_AMOUNT, REVIEWER, LATER))
    assert over.state is ApplicationState.REJECTED
    assert told(approve(connection, office, made.id, REVIEWER, LATER)) == {"not_possible"}
    assert notices_of(connection, 1)[0].kind is Notice.REJECTED


@pytest.mark.parametrize("fen", [0, -1, 100_001])
def test_a_reviewer_approves_what_is_asked_or_less(connection: Connection, office: Office, fen: int) -> None:
    made = hand_in(connection, office)

    assert told(approve(connection, office, made.id, REVIEWER, LATER, fen)) == {"not_within_asked"}


def test_without_a_policy_in_force_nobody_approves(connection: Connection, hsm: SoftHsm) -> None:
    ends = Office(hsm, book(place={"valid_to": NOW.date()}))
    made = hand_in(connection, ends)

    assert told(approve(connection, ends, made.id, REVIEWER, NOW + timedelta(days=1))) == {"no_policy"}
