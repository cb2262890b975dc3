"""From the form to an application, an instant decision, or a list of everything that is wrong."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, insert, select

from protocol.service_line.applications import Form
from protocol.service_line.policy import PayoutMode
from simulators.authority.actors import Actor, Role
from simulators.authority.applications.changes import withdraw
from simulators.authority.applications.declaration import CURRENT
from simulators.authority.applications.form import IDENTITY, OWN_CARD, REQUIRED
from simulators.authority.applications.form_versions import form_of
from simulators.authority.applications.notifications import Notice, notices_of
from simulators.authority.applications.numbers import NumberKind, is_number
from simulators.authority.applications.office import Office
from simulators.authority.applications.problems import Problem, Refused
from simulators.authority.applications.store import history
from simulators.authority.applications.submission import Accepted, apply
from simulators.authority.applications.usable import usable
from simulators.authority.business_time import SHANGHAI
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.people.register import load_people, set_person_state
from simulators.authority.policy.vocabulary import Channel
from simulators.authority.tables.applications import (
    ApplicationState,
    Lane,
    StepUp,
    application_forms,
    application_refusals,
    application_rules,
    applications,
    declarations,
)
from simulators.authority.tables.people import PersonState, person_groups
from tests.simulators.authority.applications.conftest import NOW
from tests.simulators.authority.applications.forms import AGENT, form, paper
from tests.simulators.authority.applications.policies import book
from tests.simulators.authority.applications.stories import done
from tests.simulators.authority.kiosk import CHENGDU, JIA, SHENZHEN, SUZHOU, WEIHAI, YI

PERSON = Actor(Role.PERSON, "person:1", WEIHAI, 1)
TELLER = Actor(Role.TELLER, "bank:7", WEIHAI)


def hand_in(connection: Connection, office: Office, made: Form, at: datetime = NOW, **more: Any) -> Accepted | Refused:
    return apply(connection, office, made, more.pop("channel", Channel.ONLINE), more.pop("actor", PERSON), at, **more)


def accepted(result: Accepted | Refused) -> Accepted:
    assert isinstance(result, Accepted), result
    return result


def refusal(result: Accepted | Refused) -> Refused:
    assert isinstance(result, Refused), result
    return result


def count(connection: Connection) -> int:
    return int(connection.scalar(select(func.count()).select_from(applications)) or 0)


@pytest.mark.req("S1-22", "S2-52", "S2-75")
@pytest.mark.parametrize(
    ("channel", "actor"), [(Channel.ONLINE, PERSON), (Channel.COUNTER, TELLER), (Channel.ATM, PERSON)]
)
def test_a_complete_form_gets_a_number_and_goes_to_the_home_region(
    connection: Connection, office: Office, channel: Channel, actor: Actor
) -> None:
    made = accepted(hand_in(connection, office, form(), channel=channel, actor=actor)).application

    assert is_number(made.number, NumberKind.APPLICATION)
    assert made.number[1:13] == "371000260520"
    assert (made.home, made.place, made.channel) == (WEIHAI, SHENZHEN, channel)
    assert (made.state, made.asked_fen, made.approved_fen) == (ApplicationState.UNDER_REVIEW, 100_000, None)
    assert [(entry.state, entry.role, entry.at) for entry in history(connection, made.id)] == [
        (ApplicationState.SUBMITTED, actor.role, NOW),
        (ApplicationState.UNDER_REVIEW, actor.role, NOW),
    ]


def test_each_application_has_a_number_of_its_own(connection: Connection, office: Office) -> None:
    numbers = [accepted(hand_in(connection, office, form())).application.number for _ in range(3)]

    assert len(set(numbers)) == 3


@pytest.mark.req("S1-20", "S2-70")
def test_the_form_is_kept_whole_and_sealed(connection: Connection, office: Office) -> None:
    made = accepted(hand_in(connection, office, form(icd10="I21.0"))).application
    kept = form_of(connection, office.hsm, made.id, 1)

    assert (kept.hospital, kept.begins, kept.icd10) == ("深圳市测试医院", date(2026, 5, 18), "I21.0")
    assert (kept.place, kept.purpose, kept.reason) == (SHENZHEN, "TREATMENT_AWAY", "住院治疗")
    sealed = connection.scalars(select(application_forms.c.sealed)).one()
    for private in (JIA.name, JIA.id_number, JIA.pan, "住院治疗", "I21.0"):
        assert private.encode() not in sealed


@pytest.mark.req("S2-07")
def test_the_declaration_is_kept_with_its_version_and_time(connection: Connection, office: Office) -> None:
    made = accepted(hand_in(connection, office, form())).application
    kept = connection.execute(select(declarations)).one()

    assert (kept.application_id, kept.version, kept.at, kept.actor) == (made.id, CURRENT, NOW.isoformat(), "person:1")


@pytest.mark.req("S2-07", "S1-23")
def test_without_a_declaration_nothing_is_taken_in(connection: Connection, office: Office) -> None:
    told = refusal(hand_in(connection, office, form(declaration=None)))

    assert told.problems == (Problem("declaration", "missing"),)
    assert count(connection) == 0


@pytest.mark.req("S1-23", "S2-64", "S1-38")
def test_every_kind_of_problem_is_named_at_once_and_nothing_is_created(connection: Connection, office: Office) -> None:
    wrong = form(name=YI.name, phone="1", reason=" ", payee_account=YI.pan, amount_fen=55_555)
    told = refusal(hand_in(connection, office, wrong, papers=[paper(content=b"x")]))

    assert told.fields == {"name", "phone", "reason", "payee_account", "document.ID_CARD"}
    assert count(connection) == 0
    assert told.refusal_id is None


@pytest.mark.req("S1-23")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(missing=st.sets(st.sampled_from((*IDENTITY, *REQUIRED)), min_size=1))
def test_any_missing_fields_are_named_and_nothing_is_created(missing: set[str]) -> None:
    database, hsm = Database(), SoftHsm(b"M" * 32, bytes)
    with database.transaction() as connection:
        load_people(connection, hsm, [JIA], NOW)
        empty: dict[str, Any] = dict.fromkeys(missing)
        told = refusal(hand_in(connection, Office(hsm, book()), form(**empty)))

        assert told.fields == missing
        assert told.keys == {"missing"}
        assert count(connection) == 0
    database.close()


@pytest.mark.req("S1-11", "S2-60")
def test_unmet_rules_are_all_listed_and_the_refusal_is_kept(connection: Connection, hsm: SoftHsm) -> None:
    strict = book(
        {"enabled": False, "eligibility": {"groups": ["RETIRED_ELSEWHERE"], "insured_years": 5}},
        {"payout_modes": ["CASH"], "purposes": {"TREATMENT_AWAY": {"allowed": False}}},
    )
    told = refusal(hand_in(connection, Office(hsm, strict), form(mode=PayoutMode.TRANSFER)))

    assert told.keys >= {"service", "group", "insured_years", "payout_mode", "purpose"}
    assert Problem("person", "service", f"{WEIHAI}:h1") in told.problems
    assert Problem("purpose", "purpose", f"{SHENZHEN}:p1") in told.problems
    assert count(connection) == 0
    assert connection.execute(select(application_refusals.c.id, application_refusals.c.person_id)).all() == [
        (told.refusal_id, 1)
    ]


@pytest.mark.req("S1-11")
def test_where_the_service_is_off_nothing_else_happens(connection: Connection, office: Office) -> None:
    told = refusal(hand_in(connection, office, form(place=CHENGDU)))

    assert told.problems == (Problem("person", "service", f"{CHENGDU}:c1"),)


def test_a_city_without_a_policy_is_named(connection: Connection, office: Office) -> None:
    assert refusal(hand_in(connection, office, form(place="999999"))).problems == (
        Problem("place", "no_policy", "999999"),
    )


@pytest.mark.req("S1-14")
@pytest.mark.parametrize("state", [PersonState.INACTIVE, PersonState.DECEASED, PersonState.CLOSED])
def test_somebody_who_is_not_in_good_standing_is_refused_with_the_reason(
    connection: Connection, office: Office, state: PersonState
) -> None:
    set_person_state(connection, 1, state)

    assert refusal(hand_in(connection, office, form())).problems == (
        Problem("person", "account_state", f"{WEIHAI}:h1"),
    )


def test_somebody_who_is_not_insured_here_is_told_so(connection: Connection, office: Office) -> None:
    stranger = form(name="测试丁", certno="34052419800101001X")

    assert refusal(hand_in(connection, office, stranger, actor=TELLER)).problems == (Problem("certno", "not_insured"),)


@pytest.mark.req("S2-24")
@pytest.mark.parametrize("role", [Role.TERMINAL, Role.SUPERVISOR, Role.REVIEWER, Role.SYSTEM])
def test_only_persons_agents_and_tellers_hand_in(connection: Connection, office: Office, role: Role) -> None:
    told = refusal(hand_in(connection, office, form(), actor=Actor(role, "x")))

    assert told.problems == (Problem("actor", "may_not_apply", role),)


@pytest.mark.req("S2-52")
def test_cash_comes_in_notes_and_a_transfer_in_fen(connection: Connection, office: Office) -> None:
    odd = form(amount_fen=12_345)

    assert refusal(hand_in(connection, office, odd.model_copy(update={"mode": PayoutMode.CASH}))).fields == {
        "amount_fen"
    }
    assert accepted(hand_in(connection, office, odd.model_copy(update={"mode": PayoutMode.TRANSFER}))).application


@pytest.mark.req("S2-23", "S1-56")
def test_the_document_set_is_that_of_both_regions_and_each_missing_one_is_named(
    connection: Connection, office: Office
) -> None:
    taken = accepted(hand_in(connection, office, form(purpose="TREATMENT"), papers=[paper("ADMISSION")]))

    assert taken.missing == ("ID_CARD", "REFERRAL")
    assert taken.application.state is ApplicationState.SUBMITTED
    assert taken.application.filing_due == NOW.date() + timedelta(days=10)


@pytest.mark.req("S2-23", "S1-34")
def test_nobody_hands_in_what_the_authority_has_seen_or_knows(connection: Connection, hsm: SoftHsm) -> None:
    wants = Office(hsm, book({"purposes": {"TREATMENT_AWAY": {"documents": ["ID_CARD", "FILING"]}}}))

    def missing(channel: Channel) -> tuple[str, ...]:
        return accepted(hand_in(connection, wants, form(amount_fen=10_000), channel=channel)).missing

    assert (missing(Channel.ONLINE), missing(Channel.COUNTER)) == (("ID_CARD", "FILING"), ("FILING",))
    filed = {"person_id": 1, "code": "LONG_TERM_RESIDENT", "valid_from": NOW.date(), "valid_to": NOW.date()}
    connection.execute(insert(person_groups).values(filed))
    at_kiosk = accepted(hand_in(connection, wants, form(amount_fen=10_000), channel=Channel.ATM))
    assert at_kiosk.missing == ()
    assert at_kiosk.application.state is ApplicationState.APPROVED


@pytest.mark.req("S2-23")
def test_a_complete_set_goes_to_a_reviewer(connection: Connection, office: Office) -> None:
    papers = [paper(kind) for kind in ("ADMISSION", "ID_CARD", "REFERRAL")]
    taken = accepted(hand_in(connection, office, form(purpose="TREATMENT"), papers=papers))

    assert taken.missing == ()
    assert (taken.application.state, taken.application.complete) == (ApplicationState.UNDER_REVIEW, True)


@pytest.mark.req("S1-24", "S2-63")
def test_the_outcome_of_every_rule_is_kept_with_region_version_and_basis(
    connection: Connection, office: Office
) -> None:
    made = accepted(hand_in(connection, office, form())).application
    rows = connection.execute(select(application_rules)).all()

    assert {row.application_id for row in rows} == {made.id}
    assert {"service", "account_state", "purpose", "health_status"} <= {row.rule for row in rows}
    assert {row.outcome for row in rows} == {"passed", "binds"}
    assert all(row.basis.startswith(("test H-1", "test P-1")) for row in rows)
    assert (made.home_version, made.place_version) == ("h1", "p1")


@pytest.mark.req("S2-54")
def test_where_rules_alone_decide_the_decision_is_instant(connection: Connection, office: Office) -> None:
    made = accepted(hand_in(connection, office, form(amount_fen=50_000))).application
    found = usable(connection, 1, SHENZHEN, "CASH", NOW + timedelta(seconds=1))

    assert (made.state, made.approved_fen) == (ApplicationState.APPROVED, 50_000)
    assert made.valid_until == NOW.date() + timedelta(days=60)
    assert [entry.role for entry in history(connection, made.id)] == [Role.PERSON, Role.SYSTEM]
    assert found is not None
    assert found.application_id == made.id
    assert Notice.APPROVED in [notice.kind for notice in notices_of(connection, 1)]


@pytest.mark.parametrize(
    "changes",
    [{"amount_fen": 50_100}, {"agent": AGENT}, {"purpose": "TREATMENT", "detail": "DRUGS"}],
    ids=["a larger sum", "an agent", "papers that somebody has to read"],
)
def test_a_human_being_decides_where_rules_do_not_suffice(
    connection: Connection, office: Office, changes: dict[str, Any]
) -> None:
    made = accepted(
        hand_in(connection, office, form(**{"amount_fen": 50_000, "mode": PayoutMode.TRANSFER, **changes}))
    ).application

    assert made.approved_fen is None
    assert made.review_due is not None


@pytest.mark.req("S1-21")
def test_the_deadline_is_in_working_days_and_told(connection: Connection, office: Office) -> None:
    """20 May 2026 is a Wednesday; over the Spring Festival the days of rest do not count and 14 February does."""
    made = accepted(hand_in(connection, office, form())).application
    before_festival = datetime(2026, 2, 13, 15, 0, tzinfo=SHANGHAI)
    then = accepted(hand_in(connection, office, form(begins=date(2026, 2, 1)), before_festival)).application

    assert made.review_due == datetime(2026, 5, 22, 23, 59, 59, tzinfo=SHANGHAI)
    assert then.review_due == datetime(2026, 2, 24, 23, 59, 59, tzinfo=SHANGHAI)
    assert notices_of(connection, 1)[1].gaps["due"] == "2026-05-22T23:59:59+08:00"


@pytest.mark.req("S1-36", "S2-19", "S1-56", "S2-15")
def test_an_emergency_is_due_in_hours_also_on_a_holiday_and_its_papers_may_follow(
    connection: Connection, office: Office
) -> None:
    holiday = datetime(2026, 2, 17, 22, 30, tzinfo=SHANGHAI)
    taken = accepted(hand_in(connection, office, form(purpose="EMERGENCY", begins=date(2026, 2, 17)), holiday))

    assert taken.application.lane is Lane.EMERGENCY
    assert taken.application.review_due == holiday + timedelta(hours=4)
    assert taken.missing == ("EMERGENCY_PROOF",)
    assert taken.application.filing_due == date(2026, 2, 27)


@pytest.mark.req("S1-25")
def test_an_agent_a_flag_or_a_large_sum_asks_for_a_further_identity_check(connection: Connection, hsm: SoftHsm) -> None:
    def step_up(office: Office, **changes: Any) -> StepUp:
        made = accepted(hand_in(connection, office, form(**changes))).application
        done(withdraw(connection, made.id, PERSON, NOW))
        return made.step_up

    plain = Office(hsm, book())
    assert step_up(plain) is StepUp.NONE
    assert step_up(plain, agent=AGENT) is StepUp.REQUIRED
    assert step_up(plain, amount_fen=390_000) is StepUp.NONE
    assert step_up(plain, amount_fen=400_000) is StepUp.REQUIRED
    assert step_up(replace(plain, is_flagged=lambda *_: True)) is StepUp.REQUIRED


@pytest.mark.req("S1-37", "S1-25")
def test_a_sum_in_pieces_is_looked_at_like_the_sum(connection: Connection, office: Office) -> None:
    pieces = [accepted(hand_in(connection, office, form(amount_fen=50_000))).application for _ in range(8)]

    assert [each.state for each in pieces[:2]] == [ApplicationState.APPROVED, ApplicationState.UNDER_REVIEW]
    assert [each.four_eyes for each in pieces] == [False] * 5 + [True] * 3
    assert [each.step_up for each in pieces[-2:]] == [StepUp.NONE, StepUp.REQUIRED]


@pytest.mark.req("S1-37")
def test_two_reviewers_are_needed_from_the_smaller_of_both_thresholds(connection: Connection, office: Office) -> None:
    assert not accepted(hand_in(connection, office, form(amount_fen=290_000))).application.four_eyes
    assert accepted(hand_in(connection, office, form(amount_fen=300_000))).application.four_eyes


@pytest.mark.req("S1-25", "S2-23")
def test_whoever_acts_for_somebody_shows_papers(connection: Connection, office: Office) -> None:
    parent = AGENT.model_copy(update={"kinship": "parent"})

    assert accepted(hand_in(connection, office, form(agent=AGENT))).missing == ("POWER_OF_ATTORNEY", "AGENT_ID")
    assert accepted(hand_in(connection, office, form(agent=parent))).missing == ("GUARDIANSHIP_PROOF", "AGENT_ID")


@pytest.mark.req("S1-25")
def test_a_foreigner_with_a_latin_name_applies_like_anybody(office: Office, hsm: SoftHsm) -> None:
    anna = replace(JIA, name="MÜLLER ANNA-MARIA", id_number="990000198001010012")
    with Database().transaction() as connection:
        load_people(connection, hsm, [anna], NOW)
        spelt = form(name="Müller  Anna-Maria", certno=anna.id_number, amount_fen=10_000)

        assert accepted(hand_in(connection, office, spelt)).application.state is ApplicationState.APPROVED


@pytest.mark.req("S1-25")
def test_a_minor_applies_through_a_parent_only(office: Office, hsm: SoftHsm) -> None:
    child = replace(JIA, id_number="310101201201010017")
    with Database().transaction() as connection:
        load_people(connection, hsm, [child], NOW)
        alone = form(certno=child.id_number)
        parent = AGENT.model_copy(update={"kinship": "parent"})

        assert Problem("agent", "minor_needs_guardian") in refusal(hand_in(connection, office, alone)).problems
        assert accepted(hand_in(connection, office, alone.model_copy(update={"agent": parent})))


@pytest.mark.req("S1-84")
def test_more_than_the_balance_is_a_warning_or_a_refusal_by_policy(connection: Connection, hsm: SoftHsm) -> None:
    much = form(amount_fen=1_010_000)
    large = {"limits": {"year_fen": 2_000_000}}
    warn = Office(hsm, book(large, large))
    block = Office(hsm, book(large, {**large, "approval": {"low_balance": "BLOCK"}}))

    assert accepted(hand_in(connection, warn, much)).warnings == (Problem("amount_fen", "above_balance"),)
    assert refusal(hand_in(connection, block, much)).problems == (Problem("amount_fen", "above_balance"),)
    assert accepted(hand_in(connection, warn, form(amount_fen=1_000_000))).warnings == ()


@pytest.mark.req("S2-22")
def test_for_want_of_a_health_status_it_is_taken_in_and_returned(connection: Connection, hsm: SoftHsm) -> None:
    needs = Office(hsm, book({"eligibility": {"health_codes": ["CHRONIC"]}}))
    made = accepted(hand_in(connection, needs, form(amount_fen=10_000))).application

    assert (made.state, made.review_due) == (ApplicationState.RETURNED, None)
    assert "health_status" in str(history(connection, made.id)[-1].detail["reasons"])
    assert notices_of(connection, 1)[0].kind is Notice.RETURNED


@pytest.mark.req("S2-59", "S2-70")
def test_where_a_list_of_diseases_counts_the_diagnosis_is_asked_for(connection: Connection, hsm: SoftHsm) -> None:
    needs = Office(hsm, book({"eligibility": {"icd10": ["I21", "C"]}}))

    assert refusal(hand_in(connection, needs, form())).problems == (Problem("icd10", "missing"),)
    assert accepted(hand_in(connection, needs, form(icd10="I21.0"))).application.state is ApplicationState.RETURNED


def test_the_money_may_go_to_the_account_of_the_own_card(connection: Connection, office: Office) -> None:
    by_word = accepted(hand_in(connection, office, form(payee_account=OWN_CARD))).application
    by_number = accepted(hand_in(connection, office, form())).application

    assert by_word.payee_account_id == by_number.payee_account_id is not None


def test_somebody_known_by_pin_leaves_out_who_it_is(connection: Connection, office: Office) -> None:
    short = form(name=None, certno=None, card_number=None)

    assert accepted(hand_in(connection, office, short, person_id=1)).application.person_id == 1
    assert refusal(hand_in(connection, office, short)).fields == {"name", "certno", "card_number"}


def test_the_home_region_is_that_of_the_person_not_of_the_counter(connection: Connection, hsm: SoftHsm) -> None:
    suzhou = {**dict(book().in_force(SHENZHEN, NOW.date()) or {}), "region": SUZHOU, "version": "s1"}
    office = Office(hsm, book(None, None, suzhou))
    for_yi = form(name=YI.name, certno=YI.id_number, card_number=YI.card_number, payee_account=YI.pan)
    made = accepted(hand_in(connection, office, for_yi, actor=TELLER)).application

    assert (made.home, made.number[1:7]) == (SUZHOU, SUZHOU)
