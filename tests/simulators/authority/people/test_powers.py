"""Agents, minors, guardians and foreigners: what each may do."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from protocol.social_card import id_check_character
from simulators.authority.actors import Actor, Role
from simulators.authority.database import Database
from simulators.authority.hsm import SoftHsm
from simulators.authority.people.numbers import id_number_problems
from simulators.authority.people.powers import POWERS, Act, may_not
from simulators.authority.people.records import add_guardian
from simulators.authority.people.refusal import Key
from simulators.authority.people.register import NewPerson, enrol
from tests.simulators.authority.kiosk import WEIHAI
from tests.simulators.authority.people.counter import REVIEWER, TELLER, Counter

TODAY = date(2026, 5, 20)
CHILD = "310101201501010019"


def asked(counter: Counter, actor: Actor, person: int, act: Act) -> list[Key]:
    with counter.work() as connection:
        return [problem.key for problem in may_not(connection, counter.hsm, actor, person, act, TODAY)]


@pytest.mark.req("S1-25")
@pytest.mark.parametrize("act", Act)
def test_a_minor_does_alone_what_protects_him_and_a_guardian_does_the_rest(counter: Counter, act: Act) -> None:
    assert id_number_problems(CHILD, TODAY) == ()
    child, guardian = counter.enrol("测试童", CHILD), counter.person()
    with counter.work() as connection:
        add_guardian(connection, REVIEWER, counter.at, child, guardian, date(2015, 1, 1))

    alone = asked(counter, Actor(Role.PERSON, "child", person_id=child), child, act)
    assert alone == ([] if POWERS[act].minor else [Key.NEEDS_GUARDIAN])
    assert asked(counter, Actor(Role.PERSON, "guardian", person_id=guardian), child, act) == []
    assert asked(counter, Actor(Role.PERSON, "child", person_id=child), guardian, act) == [Key.NOT_FOR_YOU]


@pytest.mark.req("S1-25")
@pytest.mark.parametrize("act", Act)
def test_an_agent_does_what_can_be_taken_back_and_no_more(counter: Counter, act: Act) -> None:
    agent = Actor(Role.AGENT, "a1")

    assert asked(counter, agent, counter.person(), act) == ([] if POWERS[act].agent else [Key.NOT_FOR_AGENTS])
    assert asked(counter, TELLER, counter.person(), act) == []


def test_a_guardianship_that_has_ended_counts_no_more(counter: Counter) -> None:
    ward, guardian = counter.enrol("测试癸", "340524198001010028"), counter.person()
    with counter.work() as connection:
        add_guardian(connection, REVIEWER, counter.at, ward, guardian, date(2015, 1, 1), date(2026, 5, 19))

    assert asked(counter, Actor(Role.PERSON, "g", person_id=guardian), ward, Act.APPLY) == [Key.NOT_FOR_YOU]
    assert asked(counter, Actor(Role.PERSON, "w", person_id=ward), ward, Act.APPLY) == []


@pytest.mark.req("S1-25")
@given(
    st.sampled_from(["9", "81", "82", "83"]),
    st.text(alphabet="0123456789", min_size=16, max_size=16),
    st.sampled_from(Act),
)
def test_foreigners_of_every_form_are_enrolled_and_served(prefix: str, rest: str, act: Act) -> None:
    body = (prefix + rest)[:17]
    hsm = SoftHsm(b"M" * 32, bytes)
    with Database().transaction() as connection:
        person = enrol(connection, hsm, NewPerson("TEST ALPHA", body + id_check_character(body), WEIHAI))
        assert may_himself(connection, hsm, person, act) in ((), (Key.NEEDS_GUARDIAN,))


def may_himself(connection: Connection, hsm: SoftHsm, person: int, act: Act) -> tuple[Key, ...]:
    himself = Actor(Role.PERSON, "p", person_id=person)
    return tuple(problem.key for problem in may_not(connection, hsm, himself, person, act, TODAY))
