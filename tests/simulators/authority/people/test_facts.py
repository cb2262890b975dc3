"""What policies are told of a person, and how it is recorded."""

from datetime import date

import pytest
from sqlalchemy import select

from simulators.authority.actors import SYSTEM
from simulators.authority.people.facts import person_facts
from simulators.authority.people.own_rules import Changes, change_own_rules
from simulators.authority.people.records import add_contributions, add_group, add_health
from simulators.authority.people.refusal import Key, Refused
from simulators.authority.policy.question import Contribution, Diagnosis, HealthStatus
from simulators.authority.tables.people import PersonState, health_records
from tests.simulators.authority.people.counter import Counter

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)


@pytest.mark.req("S2-21")
def test_months_count_when_they_were_paid(counter: Counter) -> None:
    person = counter.person()
    months = [Contribution(date(2026, 3, 1)), Contribution(date(2026, 4, 1), date(2026, 6, 10)), Contribution(MAY)]
    with counter.work() as connection:
        add_contributions(connection, SYSTEM, counter.at, person, months)
        before = person_facts(connection, counter.hsm, person, date(2026, 6, 9))
        after = person_facts(connection, counter.hsm, person, date(2026, 6, 10))
        early = person_facts(connection, counter.hsm, person, date(2026, 4, 30))

    assert before.contributions == (months[0], months[2])
    assert after.contributions == tuple(months)
    assert early.contributions == (months[0],)
    assert early.insured_since == date(2026, 3, 1)


def test_a_month_is_paid_once(counter: Counter) -> None:
    person = counter.person()
    with counter.work() as connection:
        add_contributions(connection, SYSTEM, counter.at, person, [Contribution(MAY)])
    with pytest.raises(Refused) as refused, counter.work() as connection:
        add_contributions(connection, SYSTEM, counter.at, person, [Contribution(MAY), Contribution(JUNE)])

    assert [problem.key for problem in refused.value.problems] == [Key.MONTH_TWICE]


@pytest.mark.req("S2-22", "S2-35", "S2-59")
def test_groups_hold_for_their_time_and_health_is_told_with_source_and_date(counter: Counter) -> None:
    person = counter.person()
    status = HealthStatus("CHRONIC", "HOSPITAL", date(2026, 1, 5), date(2026, 12, 31))
    diagnosis = Diagnosis("C34.1", date(2026, 2, 1))
    with counter.work() as connection:
        add_group(connection, SYSTEM, counter.at, person, "SETTLED_ELSEWHERE", date(2026, 1, 1), date(2026, 5, 31))
        add_health(connection, counter.hsm, SYSTEM, counter.at, person, status)
        add_health(connection, counter.hsm, SYSTEM, counter.at, person, diagnosis)
        may, june, long_ago = (
            person_facts(connection, counter.hsm, person, day) for day in (MAY, JUNE, date(2025, 1, 1))
        )
        sealed = connection.scalars(select(health_records.c.sealed)).all()

    assert (may.groups, june.groups) == (frozenset({"SETTLED_ELSEWHERE"}), frozenset())
    assert (may.health, may.diagnoses) == ((status,), (diagnosis,))
    assert (long_ago.health, long_ago.diagnoses, long_ago.contributions) == ((), (), ())
    assert not any(b"C34" in bytes(each) for each in sealed)


@pytest.mark.req("S1-49")
def test_own_rules_and_state_are_those_of_now(counter: Counter) -> None:
    person, himself = counter.person(), counter.himself()
    with counter.work() as connection:
        change_own_rules(connection, counter.hsm, himself, counter.at, person, Changes(20_000, 30_000, locked=True))
        facts = person_facts(connection, counter.hsm, person, MAY)

    assert (facts.own_single_fen, facts.own_day_fen, facts.locked) == (20_000, 30_000, True)
    assert (facts.state, facts.insured_since) == (PersonState.ACTIVE, None)


def test_nobody_has_no_facts(counter: Counter) -> None:
    with pytest.raises(Refused), counter.work() as connection:
        person_facts(connection, counter.hsm, 999, MAY)
