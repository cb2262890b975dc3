"""A whole kiosk whose dispenser stacks, presents and retracts: the stories, and its mains failing in the middle."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from simulators.bench.bench import Bench
from simulators.bench.file import load_bench
from simulators.bench.play import Result, play
from simulators.bench.scenarios import SCENARIOS
from terminal import recovery
from terminal.cash_units import RetractArea
from terminal.journal import Entry, Record
from terminal.visit import Ending

DEFAULT = load_bench()
PRESENT = SCENARIOS["present"]


def kinds(result: Result, *wanted: Entry) -> list[str]:
    return [record.kind for record in result.journal if record.kind in wanted]


@pytest.mark.req("S1-66")
def test_notes_are_stacked_then_the_card_is_taken_then_they_are_presented() -> None:
    steps = (
        Entry.STACK_INTENT,
        Entry.STACK_DONE,
        Entry.CARD_TAKEN,
        Entry.PRESENT_INTENT,
        Entry.PRESENT_DONE,
        Entry.CASH_TAKEN,
        Entry.ADVICE_STORED,
    )
    result = play("present", DEFAULT)

    assert kinds(result, *steps) == list(steps)
    assert result.notes_taken == {100: 5}


@pytest.mark.parametrize("name", ["withdraw-two-cassettes", "wrong-pin-then-right", "host-silent", "reply-lost"])
def test_every_other_story_is_the_same_with_it(name: str) -> None:
    story = SCENARIOS[name]

    assert play(name, PRESENT.set_up(DEFAULT), scenario=story).ok


@pytest.mark.req("S1-66", "S1-05")
@pytest.mark.parametrize(("name", "taken"), [("present-not-taken", 0), ("present-part-taken", 2)])
def test_notes_that_are_left_are_in_the_retract_area_by_truth_and_by_count(name: str, taken: int) -> None:
    benches: list[Bench] = []
    result = play(name, DEFAULT, follow=benches.append)

    boxes = {place: benches[0].custody.number(place) for place in benches[0].custody.places()}
    assert boxes["dispenser/capture"] == 5 - taken
    assert recovery.fold(result.journal).cash.retract_area == RetractArea(1, 5 - taken, 0)
    assert kinds(result, Entry.ADVICE_STORED) == []
    assert any("现金已收回" in receipt for receipt in result.receipts) is (taken > 0)  # who has left takes no receipt


@pytest.mark.req("S1-66")
@pytest.mark.parametrize("held", [1, 5])
def test_who_holds_notes_back_during_the_retract_is_credited_with_nothing(held: int) -> None:
    benches: list[Bench] = []
    story = replace(SCENARIOS["present-note-held-back"], faults={"C14": {"notes": held}})
    result = play("held back", DEFAULT, scenario=story, follow=benches.append)

    assert [check.name for check in result.checks if not check.held] == []
    assert benches[0].custody.number("customer") == held
    assert kinds(result, Entry.ADVICE_STORED) == []


def test_a_retract_that_miscounts_credits_nothing() -> None:
    """The device counts one note less than it takes back: that is evidence, and no more."""
    story = replace(SCENARIOS["present-not-taken"], faults={"C15": {"notes": 1}})
    result = play("miscounted", DEFAULT, scenario=story)

    assert result.ok
    (opened,) = (record for record in result.journal if record.kind == Entry.SUSPENSE_OPENED)
    assert (opened.data["notes"], opened.data["counted"]) == (5, 4)


def test_a_dispenser_that_can_not_take_back_leaves_the_notes_and_serves_nobody() -> None:
    """Without the bytes for it a unit only stacks and presents."""
    file = SCENARIOS["present"].set_up(DEFAULT)
    dispenser = file.cash_dispenser
    bare = dispenser.model_copy(update={"options": {**dispenser.options, "extensions": False}})
    story = replace(SCENARIOS["present-not-taken"], ending=Ending.PAID, set_up=lambda file: file)

    result = play("left", file.model_copy(update={"cash_dispenser": bare}), scenario=story)

    unheld = [check.name for check in result.checks if not check.held]
    assert unheld == ["notes taken = account debit", "no note lies in reach"]
    assert result.account_debit_fen == 500_00
    assert kinds(result, Entry.CASH_LEFT) == [Entry.CASH_LEFT]


@pytest.mark.req("S1-81", "S1-66")
@pytest.mark.parametrize("off_for", [20.0, 90.0])
@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("present", Entry.STACK_INTENT),
        ("present", Entry.STACK_DONE),
        ("present", Entry.PRESENT_INTENT),
        ("present", Entry.PRESENT_DONE),
        ("present-not-taken", Entry.CASH_LEFT),
        ("present-not-taken", Entry.RETRACT_INTENT),
        ("present-card-left", Entry.REJECT_INTENT),
    ],
)
def test_a_dispenser_without_mains_at_any_step_ends_with_what_the_person_has_or_with_a_count(
    tmp_path: Path, name: str, moment: Entry, off_for: float
) -> None:
    """The mains fail just after the record, and come back."""
    benches: list[Bench] = []

    def cut(bench: Bench) -> None:
        benches.append(bench)
        write = bench.journal.write

        def writing(kind: Entry, transaction: str | None = None, **data: Any) -> Record:
            if kind is moment:
                loop = asyncio.get_running_loop()
                loop.call_later(0.4, bench.dispenser.power_off)
                loop.call_later(off_for, bench.dispenser.power_on)
            return write(kind, transaction, **data)

        bench.journal.write = writing  # type: ignore[method-assign]

    result = play("cut", DEFAULT, scenario=SCENARIOS[name], follow=cut, folder=tmp_path)

    remains = recovery.fold(result.journal)
    assert kinds(result, moment) == [moment]
    in_hand = benches[0].custody.number("customer") * 100_00
    held = benches[0].authority.held_fen(benches[0].people[0].pan)
    for intent in (Entry.STACK_INTENT, Entry.PRESENT_INTENT, Entry.RETRACT_INTENT, Entry.REJECT_INTENT):
        assert len(kinds(result, intent)) <= 1
    if remains.suspended:
        assert (result.account_debit_fen, held) == (0, 500_00)
    else:
        assert (result.account_debit_fen, held) == (in_hand, 0)
    assert result.ledger_balanced
    assert result.journal_verified
