"""Whole visits on a simulated kiosk: every story of the demo, checked against notes, ledger and journal."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from statistics import median

import pytest

from simulators.bench.bench import Bench
from simulators.bench.customer import Plan
from simulators.bench.file import load_bench
from simulators.bench.lines import LinkKind
from simulators.bench.play import Result, play
from simulators.bench.scenarios import SCENARIOS
from terminal.journal import Entry
from terminal.view import Screen, View, Words

DEFAULT = load_bench()


def failed(result: Result) -> list[str]:
    return [check.name for check in result.checks if not check.held]


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.req("S1-05")
def test_every_story_ends_as_it_is_told_and_all_checks_hold(name: str) -> None:
    assert failed(play(name, DEFAULT)) == []


@pytest.mark.req("S1-76", "S1-83")
def test_too_little_is_told_before_a_credit_and_the_same_cash_had_after_it() -> None:
    seen: list[View] = []

    result = play("look-up-credit-cash", DEFAULT, follow=lambda bench: bench.session.subscribe(seen.append))

    endings = [record.data["ending"] for record in result.journal if record.kind == Entry.VISIT_ENDED]
    assert endings == ["declined", "paid"]
    refused = next(view for view in seen if view.lines and view.lines[0] == Words("menu.no_cash"))
    assert any(line.key in ("code.51", "sorry.available", "amount.nothing") for line in refused.lines)
    assert failed(result) == []


@pytest.mark.req("S1-66")
def test_a_withdrawal_authorises_returns_the_card_pays_confirms_and_prints() -> None:
    result = play("withdraw", DEFAULT)

    steps = ("card_taken", "dispense_intent", "dispense_done", "advice_stored", "cash_taken", "receipt_printed")
    assert [record.kind for record in result.journal if record.kind in steps] == list(steps)
    assert result.notes_taken == {100: 5}
    assert result.account_debit_fen == 500_00
    assert len(result.receipts) == 1


def test_the_same_seed_gives_the_same_run_and_another_seed_another() -> None:
    first, again, other = (play("withdraw", DEFAULT, seed=seed).trace_hash for seed in (7, 7, 8))

    assert first == again
    assert first != other


@pytest.mark.parametrize("name", ["withdraw", "withdraw-two-cassettes", "cassette-runs-empty", "card-left-behind"])
def test_another_dispenser_is_another_model_in_one_line_of_the_bench_file(tmp_path: Path, name: str) -> None:
    source = Path("simulators/bench/default.toml").read_text(encoding="utf-8")
    bench = tmp_path / "bench.toml"
    bench.write_text(source.replace('model = "puloon-lcdm-4000"', 'model = "puloon-lcdm-2000"'), encoding="utf-8")

    result = play(name, load_bench(bench))

    assert failed(result) == []
    assert result.frames != play(name, DEFAULT).frames


@pytest.mark.real_time
def test_a_withdrawal_runs_over_real_lines() -> None:
    """People in a hurry, on two kiosks at once, because this takes its time."""
    hurried = replace(SCENARIOS["withdraw"], plan=Plan(hesitation=(0.0, 0.1)))

    with ThreadPoolExecutor() as kiosks:
        pty, tcp = (
            kiosks.submit(play, "withdraw", DEFAULT, link=link, scenario=hurried)
            for link in (LinkKind.PTY, LinkKind.TCP)
        )

    assert failed(pty.result()) == []
    assert failed(tcp.result()) == []


@pytest.mark.req("S1-46")
def test_the_median_visit_takes_less_than_two_minutes_from_card_in_to_card_out() -> None:
    durations = []
    for seed in range(1, 10):
        at: dict[str, float] = {}

        def follow(bench: Bench, at: dict[str, float] = at) -> None:
            bench.deeds.append(lambda deed: at.update({deed: bench.elapsed()}))

        assert play("withdraw", DEFAULT, seed=seed, follow=follow).ok
        durations.append(at["takes the card"] - at["inserts the card"])

    assert 5 < median(durations) <= 120


@pytest.mark.req("S1-64")
def test_a_wrong_pin_tells_how_many_tries_are_left_and_shows_only_stars() -> None:
    seen: list[View] = []

    result = play("wrong-pin-then-right", DEFAULT, follow=lambda bench: bench.session.subscribe(seen.append))

    entries = [view for view in seen if view.screen is Screen.PIN]
    assert any(Words("pin.tries_left", {"tries": 2}) in view.lines for view in entries)
    assert all(view.entry is not None and set(view.entry.shown) <= {"*"} for view in entries)
    assert max(len(view.entry.shown) for view in entries if view.entry) == 6
    assert all(view.can_cancel and view.deadline is not None for view in entries)
    assert result.ok


@pytest.mark.req("S1-64")
def test_the_third_wrong_pin_blocks_the_card() -> None:
    result = play("pin-blocked", DEFAULT)

    codes = [record.data["code"] for record in result.journal if record.kind == Entry.HOST_REPLY and record.transaction]
    assert codes[:2] == ["55", "55"]
    assert codes[-1] in ("75", "38")
    assert result.account_debit_fen == 0


@pytest.mark.req("S1-80")
def test_a_card_left_behind_is_captured_on_record_and_the_person_is_told_how_to_get_it_back() -> None:
    result = play("card-left-behind", DEFAULT)

    kinds = [record.kind for record in result.journal]
    assert kinds.index(Entry.CARD_LEFT) < kinds.index(Entry.CAPTURE_INTENT) < kinds.index(Entry.CARD_CAPTURED)
    assert Entry.DISPENSE_INTENT not in kinds
    assert any("12393" in receipt for receipt in result.receipts)
