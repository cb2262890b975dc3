"""Activation, states with a reason each, and events that end an insurance."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from protocol.money_line import BindingRule
from simulators.authority.actors import SYSTEM, Actor, Role
from simulators.authority.applications.seeds import Granted, grant
from simulators.authority.applications.store import by_id
from simulators.authority.applications.usable import usable
from simulators.authority.authority import Authority
from simulators.authority.ledger.draws import has_held
from simulators.authority.people.accounts import Activated, record_event, set_state, state_of
from simulators.authority.people.codes import LIFETIME
from simulators.authority.people.refusal import Key, Refused
from simulators.authority.people.states import CARD_BARS, PERSON_BARS
from simulators.authority.tables.applications import ApplicationState
from simulators.authority.tables.people import CardState, PersonState
from simulators.authority.tables.supervision import incidents
from terminal import texts
from tests.simulators.authority.kiosk import JIA, SHENZHEN, Clock, Kiosk
from tests.simulators.authority.people.counter import REVIEWER, TELLER, Counter


def keys(done: Activated) -> list[Key]:
    return [problem.key for problem in done.problems]


@pytest.mark.req("S2-73", "S1-57")
def test_an_account_is_activated_by_identity_and_code_and_is_active_at_once(
    kiosk: Kiosk, authority: Authority, counter: Counter
) -> None:
    counter.register_phone()
    authority.set_person_state(JIA.pan, PersonState.INACTIVE)
    authority.set_card_state(JIA.pan, CardState.NOT_ACTIVATED)
    assert kiosk.quote().code == "56"

    done = counter.activate(counter.code())
    assert (done.account, [card.masked_pan for card in done.cards]) == (True, ["621700*********0012"])
    assert kiosk.cash(10_000).code == "00"
    assert keys(counter.activate(counter.code())) == [Key.ACCOUNT_ALREADY_ACTIVE]


@pytest.mark.req("S2-73")
def test_an_activation_names_all_that_is_wrong_and_uses_no_code_up(authority: Authority, counter: Counter) -> None:
    counter.register_phone()
    authority.set_person_state(JIA.pan, PersonState.INACTIVE)
    code = counter.code()

    done = counter.activate(code, name="测试乙", valid_to=date(2020, 1, 1))
    assert keys(done) == [Key.NAME_DIFFERS, Key.DOCUMENT_EXPIRED]
    assert counter.activate(code).account


@pytest.mark.req("S2-73")
def test_a_wrong_code_counts_and_an_old_one_is_worth_nothing(
    authority: Authority, counter: Counter, clock: Clock
) -> None:
    counter.register_phone()
    authority.set_person_state(JIA.pan, PersonState.INACTIVE)
    code = counter.code()
    wrong = "000000" if code != "000000" else "000001"
    tried = [keys(counter.activate(wrong)) for _ in range(3)]
    assert tried == [[Key.CODE_WRONG]] * 3
    assert keys(counter.activate(code)) == [Key.CODE_TOO_MANY_TRIES]

    code = counter.code()
    clock.pass_(seconds=LIFETIME.total_seconds() + 1)
    assert keys(counter.activate(code)) == [Key.CODE_EXPIRED]
    code = counter.code()
    assert counter.activate(code).account
    authority.set_person_state(JIA.pan, PersonState.INACTIVE)
    assert keys(counter.activate(code)) == [Key.CODE_EXPIRED]


@pytest.mark.req("S1-14", "S2-47")
@pytest.mark.parametrize("state", [state for state, bar in PERSON_BARS.items() if bar])
def test_each_state_of_an_account_is_refused_with_its_own_reason(
    kiosk: Kiosk, authority: Authority, state: PersonState
) -> None:
    authority.set_person_state(JIA.pan, state)
    reply = kiosk.cash(10_000)
    bar = PERSON_BARS[state]
    assert bar is not None

    assert (reply.code, reply.rules) == (bar.code, (BindingRule(bar.reason, JIA.region, "2026.1"),))
    assert authority.held_fen(JIA.pan) == 0


@pytest.mark.req("S1-57")
@pytest.mark.parametrize("state", [state for state, bar in CARD_BARS.items() if bar])
def test_each_state_of_a_card_is_refused_with_its_own_reason(
    kiosk: Kiosk, authority: Authority, state: CardState
) -> None:
    authority.set_card_state(JIA.pan, state)
    reply = kiosk.quote()
    bar = CARD_BARS[state]
    assert bar is not None

    assert (reply.code, [rule.rule for rule in reply.rules]) == (bar.code, [bar.reason])


@pytest.mark.req("S1-57", "S1-14", "S2-47")
def test_no_two_states_have_one_reason_and_each_reason_has_a_text() -> None:
    reasons = [bar.reason for bar in (*CARD_BARS.values(), *PERSON_BARS.values()) if bar]

    assert len(set(reasons)) == len(reasons)
    for reason in (*reasons, "card_expired"):
        assert texts.rule_words(reason).key == f"rule.{reason}"


@pytest.mark.req("S1-57")
def test_states_of_a_card_have_a_code_each() -> None:
    codes = [bar.code for bar in CARD_BARS.values() if bar]

    assert len(set(codes)) == len(codes)


@pytest.mark.req("S1-14")
@pytest.mark.parametrize("event", [PersonState.DECEASED, PersonState.MOVED_OUT, PersonState.STOPPED])
def test_an_event_freezes_the_account_and_a_confirm_in_flight_is_posted(
    kiosk: Kiosk, authority: Authority, counter: Counter, event: PersonState
) -> None:
    approved = kiosk.cash(30_000)
    person = counter.person()
    with counter.work() as connection:
        record_event(connection, TELLER, counter.at, person, event, counter.at.date(), SHENZHEN)

    assert kiosk.cash(10_000).code == "57"
    assert kiosk.confirm(approved, 20_000).code == "00"
    assert authority.account_debit_fen(JIA.pan) == 20_000
    with counter.work() as connection:
        assert not has_held(connection, kiosk.id)


@pytest.mark.req("S1-14")
@pytest.mark.parametrize("event", [PersonState.DECEASED, PersonState.MOVED_OUT, PersonState.STOPPED])
def test_an_event_freezes_the_applications_that_are_open(counter: Counter, event: PersonState) -> None:
    person = counter.person()
    with counter.work() as connection:
        granted = grant(connection, person, Granted(JIA.region, 100_000), counter.at)
        record_event(connection, TELLER, counter.at, person, event, counter.at.date(), SHENZHEN)
        assert by_id(connection, granted.id).state is ApplicationState.SUSPENDED
        assert usable(connection, person, JIA.region, "CASH", counter.at) is None


@pytest.mark.req("S1-14")
def test_draws_after_a_death_that_is_told_late_are_found(kiosk: Kiosk, counter: Counter) -> None:
    kiosk.confirm(kiosk.cash(10_000), 10_000)
    person = counter.person()
    died_on = counter.at.date() - timedelta(days=3)
    with counter.work() as connection:
        late = record_event(connection, SYSTEM, counter.at, person, PersonState.DECEASED, died_on)
        told = connection.scalars(select(incidents.c.kind)).all()

    assert late == 1
    assert "draw after the event" in told


def test_an_event_lies_not_in_the_future_and_leads_to_another_region(counter: Counter) -> None:
    person, tomorrow = counter.person(), counter.at.date() + timedelta(days=1)
    with pytest.raises(Refused) as refused, counter.work() as connection:
        record_event(connection, TELLER, counter.at, person, PersonState.MOVED_OUT, tomorrow, "371082")

    assert [problem.key for problem in refused.value.problems] == [Key.EVENT_IN_THE_FUTURE, Key.SAME_REGION]


def test_the_dead_stay_dead_but_for_a_reviewer(counter: Counter) -> None:
    person = counter.person()
    with counter.work() as connection:
        record_event(connection, TELLER, counter.at, person, PersonState.DECEASED, counter.at.date())
    for actor in (TELLER, Actor(Role.SUPERVISOR, "s1")):
        with pytest.raises(Refused), counter.work() as connection:
            set_state(connection, actor, counter.at, person, PersonState.ACTIVE, "asked")
    with counter.work() as connection:
        set_state(connection, REVIEWER, counter.at, person, PersonState.ACTIVE, "another person of that name")
        assert state_of(connection, person) is PersonState.ACTIVE


def test_nobody_has_no_state(counter: Counter) -> None:
    with pytest.raises(Refused), counter.work() as connection:
        state_of(connection, 999)
