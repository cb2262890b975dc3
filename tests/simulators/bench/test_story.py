"""What the storyteller prints."""

import io

import pytest
from rich.console import Console

from drivers.trace import Sender, TraceRecord
from simulators.bench.file import load_bench
from simulators.bench.play import play
from simulators.bench.scenarios import SCENARIOS
from simulators.bench.story import Repeats, Storyteller


def told(name: str, language: str = "en") -> str:
    out = io.StringIO()
    teller = Storyteller(Console(file=out, width=200), language)
    teller.open(name, SCENARIOS[name].story, "memory", 1)
    teller.told(play(name, load_bench(), follow=teller.follow))
    return out.getvalue()


@pytest.mark.parametrize(("language", "word"), [("en", "Take your card"), ("zh_CN", "取卡")])
def test_a_story_shows_screens_wires_deeds_receipt_postings_journal_and_checks(language: str, word: str) -> None:
    story = told("withdraw", language)

    for part in ("customer takes 5 notes", "cash_dispenser", "receipt", "ledger postings", "journal", "checks", "✓"):
        assert part in story
    assert "✗" not in story
    assert "paid: notes taken 5 x 100; account debited 500.00 yuan; card returned" in story


def test_a_story_without_money_says_so() -> None:
    assert "none: no money moved" in told("cancel-at-pin")


def test_an_exchange_that_repeats_the_one_before_is_counted_and_not_told_again() -> None:
    lines: list[str] = []
    repeats = Repeats(lambda record: lines.append(record.note), lambda port, times: lines.append(f"{times} x {port}"))

    for note in ("poll", "idle", "poll", "idle", "poll", "idle", "poll", "card", "eject", "done"):
        sender = Sender.HOST if note in ("poll", "eject") else Sender.DEVICE
        repeats(TraceRecord(0.0, "reader", sender, "", note))
    repeats.flush()

    assert lines == ["poll", "idle", "2 x reader", "poll", "card", "eject", "done"]
