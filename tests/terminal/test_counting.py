"""Counts that people enter: believed from then on, with what was believed before on record."""

from pathlib import Path

import pytest

from terminal.cash_units import Accuracy
from terminal.counting import CountRefused, Difference, Why, empty_retract_area, set_counts
from terminal.journal import Entry
from terminal.states import State
from tests.terminal.fakes import FakeKiosk

BY = ("li", "wang")


@pytest.mark.req("S1-81")
async def test_a_filling_is_believed_and_tells_the_difference(tmp_path: Path) -> None:
    kiosk = FakeKiosk(tmp_path)
    await kiosk.visit()

    differences = set_counts(kiosk.journal, kiosk.cash, {"unit1": 1000}, Why.REPLENISHED, BY)

    assert differences == [Difference("unit1", 100_00, was=95, notes=1000)]
    assert kiosk.cash.units["unit1"].remaining == 1000
    assert kiosk.cash.units["unit1"].accuracy is Accuracy.ACCURATE_SET
    data = kiosk.records(Entry.COUNTS_SET)[-1].data
    assert (data["was"], data["notes"], data["why"], data["by"]) == (95, 1000, "replenished", ["li", "wang"])


@pytest.mark.req("S1-81")
async def test_an_empty_kiosk_serves_again_after_a_filling(tmp_path: Path) -> None:
    kiosk = FakeKiosk(tmp_path)
    for unit in ("unit1", "unit2"):
        kiosk.journal.write(Entry.COUNTS_SET, unit=unit, notes=0, denomination_fen=100_00)
    assert await kiosk.visit(first=False) is State.OUT_OF_SERVICE

    set_counts(kiosk.journal, kiosk.cash, {"unit1": 100}, Why.REPLENISHED, BY)
    again = kiosk.restarted()

    assert await again.visit(first=False) is State.IDLE


@pytest.mark.parametrize(
    ("notes", "complaint"),
    [({}, "name a cassette"), ({"unit7": 1}, "no cassette unit7"), ({"unit1": 10_001}, "unit1: a cassette holds")],
)
async def test_a_count_that_can_not_be_writes_nothing(tmp_path: Path, notes: dict[str, int], complaint: str) -> None:
    kiosk = FakeKiosk(tmp_path)
    before = kiosk.kinds()

    with pytest.raises(CountRefused, match=complaint):
        set_counts(kiosk.journal, kiosk.cash, notes, Why.COUNTED, BY)

    assert kiosk.kinds() == before


async def test_an_emptied_retract_area_is_empty_and_what_was_found_is_on_record(tmp_path: Path) -> None:
    kiosk = FakeKiosk(tmp_path)
    cash = kiosk.cash.retracted(3, 5)

    empty_retract_area(kiosk.journal, cash, 2, BY)

    data = kiosk.records(Entry.RETRACT_EMPTIED)[0].data
    assert (data["found"], data["counted"], data["bundles"]) == (2, 3, 1)
    with pytest.raises(CountRefused):
        empty_retract_area(kiosk.journal, cash, -1, BY)
