"""The table itself: what it lets happen, and what it never does."""

import pytest

from simulators.authority.actors import Role
from simulators.authority.applications.states import OPEN, TRANSITIONS, Event, transition
from simulators.authority.tables.applications import ApplicationState as S

ENDS = (S.REJECTED, S.WITHDRAWN, S.EXPIRED, S.CANCELLED)


def test_a_state_has_one_row_for_an_event() -> None:
    assert len({(row.state, row.event) for row in TRANSITIONS}) == len(TRANSITIONS)


def test_every_state_is_reached_and_every_event_leads_somewhere() -> None:
    assert {row.to for row in TRANSITIONS} >= set(S)
    assert {row.event for row in TRANSITIONS} == set(Event)


@pytest.mark.req("S2-24")
def test_only_reviewers_decide_and_rules_approve_only_what_no_reviewer_has_taken_up() -> None:
    decisions = {Event.APPROVE, Event.CONCUR, Event.REJECT, Event.RETURN}
    deciders = {(row.state, row.event): row.roles for row in TRANSITIONS if row.event in decisions}

    assert deciders.pop((S.SUBMITTED, Event.APPROVE)) == {Role.SYSTEM}
    assert deciders.pop((S.SUBMITTED, Event.RETURN)) == {Role.SYSTEM, Role.REVIEWER}
    assert set(deciders.values()) == {frozenset({Role.REVIEWER})}


@pytest.mark.parametrize("end", ENDS)
def test_an_end_is_an_end(end: S) -> None:
    assert [row.event for row in TRANSITIONS if row.state is end] == []


def test_only_an_approval_or_money_given_back_or_going_on_leads_to_approved() -> None:
    ways = {row.event for row in TRANSITIONS if row.to is S.APPROVED}

    assert ways == {Event.APPROVE, Event.GIVE_BACK, Event.SUPPLEMENT}
    assert [row.state for row in TRANSITIONS if row.event is Event.SUPPLEMENT and row.to is S.APPROVED] == [S.APPROVED]


@pytest.mark.parametrize("state", sorted(OPEN))
@pytest.mark.parametrize("event", [Event.WITHDRAW, Event.CHANGE, Event.SUPPLEMENT, Event.SUSPEND, Event.CANCEL])
def test_what_is_open_can_be_withdrawn_changed_supplemented_frozen_and_cancelled(state: S, event: Event) -> None:
    assert transition(state, event) is not None
