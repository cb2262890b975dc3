"""Suspense items: listed with their evidence, resolved by a count of two, and then told to the host."""

from datetime import timedelta
from pathlib import Path

import pytest

from drivers.interfaces import Dispensed, PresentState, PresentStatus, UnitCounts, Unknown
from protocol.money_line import Confirm, Reversal
from terminal import recovery, suspense
from terminal.counting import CountRefused, Why, set_counts
from terminal.dispense_record import to_data
from terminal.journal import Entry
from terminal.states import State
from terminal.suspense import Item, open_items
from tests.terminal.fakes import FakeKiosk, FakePresenter

BY = ("li", "wang")


async def suspended(folder: Path) -> FakeKiosk:
    """A kiosk whose dispenser did not say what it did with 5 notes of 100."""
    kiosk = FakeKiosk(folder)
    kiosk.dispenser.script["dispense"] = [Unknown("no answer")]
    await kiosk.visit()
    return kiosk


def items(kiosk: FakeKiosk) -> list[Item]:
    return list(open_items(kiosk.records()))


@pytest.mark.req("S1-81")
async def test_an_item_tells_visit_amount_cause_card_and_what_was_asked(tmp_path: Path) -> None:
    kiosk = await suspended(tmp_path)

    (item,) = items(kiosk)

    assert (item.visit, item.amount_fen, item.mix) == ("visit-000001", 500_00, {"unit1": 5})
    assert item.cause == "the dispenser's outcome is unknown"
    assert "****" in item.card
    assert item.age(item.opened + timedelta(hours=3)) == timedelta(hours=3)
    assert item.age(item.opened - timedelta(days=1)) == timedelta(0)


async def test_an_item_of_a_presenter_tells_what_the_dispenser_said(tmp_path: Path) -> None:
    kiosk = FakeKiosk(tmp_path, dispenses=FakePresenter)
    kiosk.dispenser.script["present"] = [Unknown("no answer")]
    kiosk.dispenser.script["get_present_status"] = [PresentStatus(PresentState.UNKNOWN)]
    await kiosk.visit()

    (item,) = items(kiosk)

    assert [said["state"] for said in item.said] == ["unknown"]
    assert (item.phase, item.notes, item.counted) == ("present_unknown", 5, None)


@pytest.mark.req("S1-81", "S1-05")
@pytest.mark.parametrize(("notes", "kind", "told"), [(5, Confirm, 500_00), (3, Confirm, 300_00), (0, Reversal, 0)])
async def test_the_count_of_two_people_is_what_the_host_hears(
    tmp_path: Path, notes: int, kind: type[Confirm | Reversal], told: int
) -> None:
    kiosk = await suspended(tmp_path)
    (item,) = items(kiosk)

    counted = {"unit1": UnitCounts(notes, 0)} if notes else {}
    assert suspense.resolve(kiosk.journal, item, counted, kiosk.cash, BY) == told
    set_counts(kiosk.journal, kiosk.cash, {"unit1": 100 - notes}, Why.COUNTED, BY)
    assert items(kiosk) == []
    again = kiosk.restarted()

    assert await again.visit(first=False) is State.IDLE
    (advice,) = [request for request in again.host.heard if isinstance(request, Confirm | Reversal)]
    assert isinstance(advice, kind)
    assert advice.amount == (told or 500_00)
    assert again.cash.units["unit1"].remaining == 100 - notes
    assert again.records(Entry.SUSPENSE_CLOSED)[0].data["by"] == ["li", "wang"]


async def test_an_item_comes_back_at_every_start_until_it_is_resolved(tmp_path: Path) -> None:
    kiosk = await suspended(tmp_path)
    for _ in range(3):
        kiosk = kiosk.restarted()
        assert await kiosk.visit(first=False) is State.OUT_OF_SERVICE
        assert [item.visit for item in items(kiosk)] == ["visit-000001"]


@pytest.mark.req("S1-05")
async def test_more_than_the_host_holds_needs_a_case_and_debits_no_more_than_the_approval(tmp_path: Path) -> None:
    kiosk = await suspended(tmp_path)
    (item,) = items(kiosk)
    six = {"unit1": UnitCounts(6)}

    with pytest.raises(CountRefused, match=r"600\.00 yuan were counted as paid, and the host holds 500\.00"):
        suspense.resolve(kiosk.journal, item, six, kiosk.cash, BY)
    assert suspense.resolve(kiosk.journal, item, six, kiosk.cash, BY, case="C-2026-0001") == 500_00
    again = kiosk.restarted()

    await again.visit(first=False)
    assert [advice.amount for advice in again.host.of(Confirm)] == [500_00]
    assert recovery.fold(again.records()).suspended == {}


@pytest.mark.parametrize(
    ("counted", "note", "complaint"),
    [
        ({"unit9": UnitCounts(1)}, "", "there is no cassette unit9"),
        ({"unit1": UnitCounts(-1)}, "", "fewer than no notes"),
        ({"unit1": UnitCounts(1)}, "card 6217000000000000012", "leave it out"),
    ],
)
async def test_a_count_that_can_not_be_is_refused_and_the_item_stays(
    tmp_path: Path, counted: dict[str, UnitCounts], note: str, complaint: str
) -> None:
    kiosk = await suspended(tmp_path)
    (item,) = items(kiosk)

    with pytest.raises(CountRefused, match=complaint):
        suspense.resolve(kiosk.journal, item, counted, kiosk.cash, BY, note=note)

    assert len(items(kiosk)) == 1


async def test_an_item_that_is_opened_again_is_listed_again(tmp_path: Path) -> None:
    kiosk = await suspended(tmp_path)
    kiosk.journal.write(Entry.SUSPENSE_CLOSED, "visit-000001", **to_data(Dispensed({"unit1": UnitCounts(6)})))
    assert items(kiosk) == []

    again = kiosk.restarted()
    await again.visit(first=False)

    assert [item.cause for item in items(again)] == ["the dispenser counted more than was approved"]
