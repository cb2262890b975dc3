from pathlib import Path

import pytest

from simulators.bench.file import BenchError, Cassette, load_bench

MINIMAL = """
[card_reader]
model = "sankyo-ict3q8"
[pin_pad]
model = "szzt-zt598"
[receipt_printer]
model = "escpos"
[cash_dispenser]
model = "puloon-lcdm-4000"
cassettes = [{ denomination = 100, notes = 20, physical = 19 }]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "bench.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_without_a_file_there_is_a_default_bench() -> None:
    bench = load_bench()

    assert [cassette.denomination for cassette in bench.cash_dispenser.cassettes] == [100, 50]


def test_a_bench_needs_four_devices_and_nothing_else(tmp_path: Path) -> None:
    bench = load_bench(written(tmp_path, MINIMAL))

    assert bench.kiosk.terminal == "44030001"
    assert [cassette.really for cassette in bench.cash_dispenser.cassettes] == [19]


def test_a_cassette_holds_what_the_terminal_was_told_unless_the_truth_differs() -> None:
    assert Cassette(denomination=100, notes=5).really == 5
    assert Cassette(denomination=100, notes=5, physical=0).really == 0


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[card_reader", "not TOML"),
        (MINIMAL.replace('model = "escpos"', 'modell = "escpos"'), r"receipt_printer\.modell: Extra inputs"),
        (MINIMAL.replace("notes = 20", "notes = -1"), r"cash_dispenser\.cassettes\.0\.notes"),
        ("", r"card_reader: Field required"),
        (MINIMAL + "[time_limits]\ngoodbye = 0\n", r"time_limits\.goodbye"),
    ],
)
def test_a_wrong_file_is_told_by_file_key_and_reason(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(BenchError, match=rf"bench\.toml.*{complaint}"):
        load_bench(written(tmp_path, text))


def test_a_note_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="denomination"):
        load_bench(written(tmp_path, MINIMAL.replace("denomination = 100", "denomination = 30")))


def test_a_file_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="leave it out for the default one"):
        load_bench(tmp_path / "none.toml")
