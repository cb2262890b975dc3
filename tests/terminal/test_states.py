import inspect
from collections import Counter

import pytest

from terminal.effects import Effects
from terminal.states import FAULTS, TRANSITIONS, Event, State


def test_a_state_and_an_event_lead_to_one_place() -> None:
    rows = Counter((row.source, row.event) for row in TRANSITIONS)

    assert [pair for pair, number in rows.items() if number > 1] == []


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("fault", [*FAULTS, Event.JOURNAL_FAULT, Event.POWER_WARNING])
def test_every_state_knows_what_to_do_about_every_fault(state: State, fault: Event) -> None:
    assert [row for row in TRANSITIONS if (row.source, row.event) == (state, fault)] != []


def test_every_effect_is_a_method_that_only_starts_work() -> None:
    for row in TRANSITIONS:
        effect = getattr(Effects, row.effect, None)
        assert inspect.isfunction(effect), f"{row.effect} is not a method of Effects"
        assert not inspect.iscoroutinefunction(effect), f"{row.effect} must start work, not wait for it"


def test_every_state_but_the_first_can_be_reached_and_every_event_is_used() -> None:
    assert {row.dest for row in TRANSITIONS} == set(State)
    assert {row.event for row in TRANSITIONS} == set(Event)


def test_notes_move_only_after_an_approval_and_a_card_seen_taken() -> None:
    into_dispensing = [row for row in TRANSITIONS if row.dest is State.DISPENSING]
    into_returning = [row for row in TRANSITIONS if row.dest is State.RETURNING_CARD]

    assert [(row.source, row.event) for row in into_dispensing] == [(State.RETURNING_CARD, Event.CARD_TAKEN)]
    assert [(row.source, row.event) for row in into_returning] == [(State.AUTHORISING, Event.APPROVED)]


@pytest.mark.req("S1-66")
def test_notes_are_presented_only_when_stacked_and_with_the_card_seen_taken() -> None:
    def into(state: State) -> list[tuple[State, Event]]:
        return [(row.source, row.event) for row in TRANSITIONS if row.dest is state]

    assert into(State.STACKING) == [(State.AUTHORISING, Event.APPROVED_TO_STACK)]
    assert into(State.RELEASING_CARD) == [(State.STACKING, Event.NOTES_STACKED)]
    assert into(State.PRESENTING) == [(State.RELEASING_CARD, Event.CARD_TAKEN)]
    assert into(State.PRESENTED) == [(State.PRESENTING, Event.NOTES_PRESENTED)]


def test_stacked_notes_that_are_not_presented_are_always_brought_back() -> None:
    """Without a journal or power nothing more moves; the next start brings them back."""
    with_notes_stacked = (State.STACKING, State.RELEASING_CARD, State.KEEPING_CARD)
    ways_on = {State.RELEASING_CARD, State.KEEPING_CARD, State.PRESENTING}

    for row in TRANSITIONS:
        if row.event in (Event.JOURNAL_FAULT, Event.POWER_WARNING):
            continue
        if row.source in with_notes_stacked and row.dest not in ways_on:
            assert row.effect.startswith("bring_notes_back"), row


def test_a_transfer_is_asked_for_only_when_confirmed_on_a_page_and_leads_to_no_notes() -> None:
    into = [(row.source, row.event) for row in TRANSITIONS if row.dest is State.TRANSFERRING]
    out = {row.dest for row in TRANSITIONS if row.source is State.TRANSFERRING}

    assert into == [(State.PAGE, Event.TRANSFER_CONFIRMED)]
    assert out == {State.PAGE, State.PIN_ENTRY, State.CAPTURING_CARD, State.EJECTING_CARD, State.OUT_OF_SERVICE}


def test_pages_hold_no_money_and_lead_to_none_but_by_the_menu() -> None:
    pages = {State.MENU, State.PAGE, State.ASKING, State.TYPING, State.PRINTING_PAGE}
    with_money = {State.AUTHORISING, State.RETURNING_CARD, State.DISPENSING, State.STACKING}

    assert not [row for row in TRANSITIONS if row.source in pages and row.dest in with_money]
    assert [row.event for row in TRANSITIONS if row.source in pages and row.dest is State.AMOUNT] == [Event.CASH_CHOSEN]
