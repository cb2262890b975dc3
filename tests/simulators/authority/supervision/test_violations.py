"""A violation that is found afterwards goes one way: freeze, notice, recovery, penalty, report with the loop hole."""

from datetime import timedelta

import pytest

from protocol.money_line import ResponseCode as Code
from simulators.authority.actors import Actor, Role
from simulators.authority.database import Database
from simulators.authority.supervision.cases import find_case
from simulators.authority.supervision.refusal import Refused
from simulators.authority.supervision.violations import (
    appealable,
    freeze,
    give_notice,
    open_violation,
    penalise,
    recover,
    report_violation,
    steps_of,
)
from simulators.authority.tables.supervision import CaseState, Step
from tests.simulators.authority.kiosk import Clock, Kiosk
from tests.simulators.authority.supervision.conftest import SUPERVISOR

JIA_ID = 1
OTHER = Actor(Role.SUPERVISOR, "s2")


@pytest.mark.req("S2-38")
def test_the_whole_way(kiosk: Kiosk, database: Database, clock: Clock) -> None:
    at = clock.now()
    with database.transaction() as connection:
        case = open_violation(connection, SUPERVISOR, at, JIA_ID, "invoices of another person")
        freeze(connection, SUPERVISOR, at, case, "until it is cleared")
    assert kiosk.cash(10_000).code == Code.RESTRICTED_CARD
    with database.transaction() as connection:
        give_notice(connection, SUPERVISOR, at, case, "by registered letter")
        recover(connection, SUPERVISOR, at, case, 150_000, "what the invoices claimed")
        penalise(connection, OTHER, at, case, 300_000, "twice the sum", at + timedelta(days=92))
        report_violation(connection, SUPERVISOR, at, case, "names on invoices were not compared")
        steps = steps_of(connection, case)
        assert [step.step for step in steps] == list(Step)
        assert steps[-1].text == "names on invoices were not compared"
        assert find_case(connection, case).state is CaseState.CLOSED


@pytest.mark.req("S2-38", "S1-91")
def test_a_penalty_is_decided_by_another_and_can_be_appealed_against(
    kiosk: Kiosk, database: Database, clock: Clock
) -> None:
    at = clock.now()
    with database.transaction() as connection:
        case = open_violation(connection, SUPERVISOR, at, JIA_ID, "lent the card")
        freeze(connection, SUPERVISOR, at, case, "until it is cleared")
        give_notice(connection, SUPERVISOR, at, case, "by letter")
        recover(connection, SUPERVISOR, at, case, 0, "nothing was lost")
        with pytest.raises(Refused, match="no_penalty"):
            appealable(connection, case)
        with pytest.raises(Refused) as refused:
            penalise(connection, SUPERVISOR, at, case, 0, "a year and more", at + timedelta(days=500))
        assert {problem.field for problem in refused.value.problems} == {"actor", "suspended_until"}
        penalise(connection, OTHER, at, case, 0, "three months", at + timedelta(days=92))
        subject = appealable(connection, case)
    assert (subject.kind, subject.id, subject.person_id) == ("case", case, JIA_ID)
    assert {actor.id for actor in subject.deciders} == {"s1", "s2"}


def test_no_step_comes_before_its_time(kiosk: Kiosk, database: Database, clock: Clock) -> None:
    at = clock.now()
    with database.transaction() as connection:
        case = open_violation(connection, SUPERVISOR, at, JIA_ID, "lent the card")
        with pytest.raises(Refused, match="not_the_next_step"):
            penalise(connection, OTHER, at, case, 1, "at once")
        freeze(connection, SUPERVISOR, at, case, "until it is cleared")
        with pytest.raises(Refused, match="not_the_next_step"):
            freeze(connection, SUPERVISOR, at, case, "twice")
        with pytest.raises(Refused) as refused:
            recover(connection, Actor(Role.REVIEWER, "r"), at, case, -1, " ")
        assert {problem.field for problem in refused.value.problems} == {"actor", "step", "text", "fen"}
        with pytest.raises(Refused, match="nobody_there"):
            open_violation(connection, SUPERVISOR, at, 99, "a slip")
