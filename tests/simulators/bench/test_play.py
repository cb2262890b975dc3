"""Playing a story: the checks find what is wrong, and a story that does not end is told."""

from dataclasses import replace
from pathlib import Path

import pytest

from drivers.interfaces import MacAlgorithm
from simulators.bench import play as module
from simulators.bench.bench import Bench
from simulators.bench.customer import Plan
from simulators.bench.file import load_bench
from simulators.bench.play import Result, Unfinished, play
from simulators.bench.scenarios import SCENARIOS, Scenario
from simulators.world.custody import Note
from terminal.visit import Ending

WITHDRAW = SCENARIOS["withdraw"]


def unheld(result: Result) -> list[str]:
    assert result.ok == all(check.held for check in result.checks)
    return [check.name for check in result.checks if not check.held]


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        (replace(WITHDRAW, ending=Ending.DECLINED), "the visit ended as the story says"),
        (replace(WITHDRAW, amount_paid=600), "the amount is that of the story"),
        (replace(WITHDRAW, card_returned=False), "the card is where the story says"),
    ],
)
def test_a_story_that_is_told_wrong_fails_its_check(wrong: Scenario, found: str) -> None:
    assert unheld(play("wrong", load_bench(), scenario=wrong)) == [found]


def test_a_story_that_awaits_a_count_must_find_the_money_held_and_an_item_open() -> None:
    """And one that does not must find neither."""
    jammed = replace(WITHDRAW, ending=Ending.SUSPENSE, amount_paid=0, faults={"C3": {"at_exit": True}})

    assert unheld(play("jam", load_bench(), scenario=jammed)) == []
    assert unheld(play("jam", load_bench(), scenario=replace(jammed, ending=Ending.PAID)))[:3] == [
        "the visit ended as the story says",
        "nothing is left on hold",
        "nothing waits for a count",
    ]
    assert unheld(play("paid", load_bench(), scenario=replace(WITHDRAW, ending=Ending.RETRACTED))) == [
        "the visit ended as the story says",
        "nothing is debited or given back before the count",
        "the full amount is held until the count",
        "notes taken <= amount held",
        "one item waits for a count",
    ]


def test_terminal_and_host_can_make_macs_the_unionpay_way() -> None:
    bench = load_bench()
    place = bench.kiosk.model_copy(update={"mac": MacAlgorithm.UNIONPAY_ECB})
    result = play("withdraw", bench.model_copy(update={"kiosk": place}))

    assert unheld(result) == []


def test_notes_that_vanish_are_found() -> None:
    def thief(bench: Bench) -> None:
        take = bench.dispenser.take_notes

        def take_all_but_one(number: int | None = None) -> list[Note]:
            return take(number)[1:]

        bench.dispenser.take_notes = take_all_but_one  # type: ignore[method-assign]

    assert unheld(play("withdraw", load_bench(), follow=thief)) == [
        "notes taken = account debit",
        "the amount is that of the story",
    ]


def test_a_story_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 10.0)
    slow = replace(WITHDRAW, plan=Plan(hesitation=(5, 5)))

    with pytest.raises(Unfinished, match="slow did not end; the kiosk is"):
        play("slow", load_bench(), scenario=slow)


def test_files_stay_in_the_folder_that_was_given(tmp_path: Path) -> None:
    result = play("cancel-at-pin", load_bench(), folder=tmp_path)

    assert result.ok
    assert (tmp_path / "journal.db").stat().st_size > 1000
    assert (tmp_path / "authority.db").exists()


def test_a_result_tells_postings_only_of_this_visit() -> None:
    assert play("cancel-at-pin", load_bench()).postings == ()
    postings = play("withdraw", load_bench()).postings
    assert sum(row.debit_fen for row in postings) == sum(row.credit_fen for row in postings) > 0
