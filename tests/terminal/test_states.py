import inspect
from collections import Counter

import pytest

from terminal.session import Session
from terminal.states import FAULTS, TRANSITIONS, Event, State


def test_a_state_and_an_event_lead_to_one_place() -> None:
    rows = Counter((row.source, row.event) for row in TRANSITIONS)

    assert [pair for pair, number in rows.items() if number > 1] == []


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("fault", [*FAULTS, Event.JOURNAL_FAULT])
def test_every_state_knows_what_to_do_about_every_device_fault(state: State, fault: Event) -> None:
    assert [row for row in TRANSITIONS if (row.source, row.event) == (state, fault)] != []


def test_every_effect_is_a_method_of_the_session() -> None:
    for row in TRANSITIONS:
        effect = getattr(Session, row.effect, None)
        assert inspect.isfunction(effect), f"{row.effect} is not a method of Session"
        assert not inspect.iscoroutinefunction(effect), f"{row.effect} must start work, not wait for it"


def test_every_state_but_the_first_can_be_reached_and_every_event_is_used() -> None:
    assert {row.dest for row in TRANSITIONS} == set(State)
    assert {row.event for row in TRANSITIONS} == set(Event)


def test_notes_move_only_after_an_approval_and_a_card_seen_taken() -> None:
    into_dispensing = [row for row in TRANSITIONS if row.dest is State.DISPENSING]
    into_returning = [row for row in TRANSITIONS if row.dest is State.RETURNING_CARD]

    assert [(row.source, row.event) for row in into_dispensing] == [(State.RETURNING_CARD, Event.CARD_TAKEN)]
    assert [(row.source, row.event) for row in into_returning] == [(State.AUTHORISING, Event.APPROVED)]
