import io
from collections.abc import Iterator

from rich.console import Console

from simulators.campaign.hunting import Hunting
from simulators.campaign.planted import Hunted

FOUND = Hunted("M20", "restart does not ask the dispenser", "terminal.recovery", True, 6, (4, 7), "one note is missing")
SLOW = Hunted("K80", "no tombstone", "simulators.authority.ledger.draws", True, 40, (9,), "a draw is held")
MISSED = Hunted("M1", "the intent is not synced", "terminal.journal", False, 400)


def interrupted() -> Iterator[Hunted]:
    yield FOUND
    raise KeyboardInterrupt


def test_what_was_found_and_what_was_not() -> None:
    told = io.StringIO()
    hunting = Hunting()
    hunting.play([FOUND, MISSED, SLOW], Console(file=told, width=200))
    hunting.tell(Console(file=told, width=200))
    summary = hunting.summary()

    assert (summary["planted"], summary["found"], summary["median_seeds"]) == (3, 2, 23)
    assert (summary["missed"], summary["found_by_rule"]) == (["M1"], {"4": 1, "7": 1, "9": 1})
    assert hunting.missed == [MISSED]
    assert "M1 (the intent is not synced) was not found in 400 seeds" in told.getvalue()
    assert "2 of 3 found, half of them within 23 seeds" in told.getvalue()


def test_ctrl_c_keeps_what_is_known_until_then() -> None:
    hunting = Hunting()
    hunting.play(interrupted(), Console(file=io.StringIO()))

    assert (hunting.interrupted, hunting.results) == (True, [FOUND])
