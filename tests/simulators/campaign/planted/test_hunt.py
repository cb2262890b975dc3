"""A planted bug is really there while it is planted, is gone afterwards, and is found."""

import importlib
import types
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from drivers import exchange
from protocol import money_line_frame
from simulators.campaign.planted import PLANTED, SUBSTITUTES, Planted, hunt, median_seeds
from simulators.campaign.planted.bug import changed
from simulators.campaign.planted.hunt import Hunted

ROOMS = ("drivers", "protocol", "terminal", "simulators/authority")

EASY = ("M1", "M4", "M26", "K5", "K44", "K81")
"""Bugs that every kind of kiosk shows at once."""


def _everything() -> dict[str, object]:
    """Every attribute of every module and class of the product."""
    root = Path(exchange.__file__).parents[1]
    found: dict[str, object] = {}
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
            if name.endswith("__main__"):
                continue
            found |= dict(_attributes(importlib.import_module(name)))
    return found


def _attributes(module: types.ModuleType) -> Iterator[tuple[str, object]]:
    for name, value in vars(module).items():
        if not name.startswith("__"):
            yield f"{module.__name__}.{name}", value
        if isinstance(value, type) and value.__module__ == module.__name__:
            yield from ((f"{module.__name__}.{name}.{inner}", of) for inner, of in vars(value).items())


def _differences(before: dict[str, object], after: dict[str, object]) -> list[str]:
    return [name for name in before if before[name] is not after.get(name)]


@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: bug.id)
def test_a_bug_changes_the_product_and_leaves_no_trace_of_it(bug: Planted) -> None:
    """A name that the product does not have any more raises here."""
    before = _everything()
    with bug.plant():
        assert _differences(before, _everything())
    assert not _differences(before, _everything())


@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: bug.id)
def test_a_bug_is_taken_out_when_the_run_breaks(bug: Planted) -> None:
    before = _everything()
    with pytest.raises(ZeroDivisionError), bug.plant():
        raise ZeroDivisionError
    assert not _differences(before, _everything())


def test_what_is_not_there_can_not_be_changed() -> None:
    with (
        pytest.raises(AttributeError, match="no_such_thing"),
        changed(money_line_frame, "no_such_thing", lambda _: None),
    ):
        pass


def test_there_are_enough_bugs_and_each_has_an_id_and_a_file_of_its_own() -> None:
    assert len(PLANTED) >= 50
    assert len({bug.id for bug in PLANTED}) == len(PLANTED)
    root = Path(exchange.__file__).parents[1]
    assert [bug.id for bug in PLANTED if not (root / bug.where).is_file()] == []
    assert all(bug.trips for bug in PLANTED)


def test_no_number_of_the_usual_list_is_missing() -> None:
    assert {f"M{number}" for number in range(1, 47)} <= {bug.id for bug in PLANTED}
    assert set(SUBSTITUTES) <= {bug.id for bug in PLANTED}


@pytest.mark.real_time
@pytest.mark.parametrize("bug", EASY)
def test_an_easy_bug_is_found_within_a_few_seeds(bug: str) -> None:
    (result,) = hunt([each for each in PLANTED if each.id == bug], most=12)
    assert result.found, result
    assert set(result.invariants) & set(next(each for each in PLANTED if each.id == bug).trips), result


@pytest.mark.real_time
def test_without_a_bug_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    none = Planted("none", "nothing at all", "terminal/journal.py", nullcontext, (1,))
    monkeypatch.setattr(importlib.import_module("simulators.campaign.planted.hunt"), "PLANTED", (none,))
    (result,) = hunt([none], most=4)
    assert not result.found, result


def test_the_median_is_that_of_the_bugs_that_were_found() -> None:
    results = [
        Hunted("a", "", "", True, 1),
        Hunted("b", "", "", True, 9),
        Hunted("c", "", "", True, 2),
        Hunted("d", "", "", False, 400),
    ]
    assert median_seeds(results) == 2
    assert median_seeds([]) == 0


def test_the_document_has_every_bug() -> None:
    document = (Path(exchange.__file__).parents[1] / "docs" / "campaign.md").read_text(encoding="utf-8")
    rows = [f"| {bug.id} | {bug.words} | `{bug.where}` | {', '.join(map(str, bug.trips))} |" for bug in PLANTED]
    assert [row for row in rows if row not in document] == []
