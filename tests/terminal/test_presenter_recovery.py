"""A stop after any record of a visit with a stacker: the device is asked, and every end fits the notes."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drivers.interfaces import PresentState, ShutterStatus, UnitCounts
from terminal import recovery
from terminal.journal import Entry, Record
from terminal.states import State
from tests.terminal.fakes import FakeKiosk, FakePresenter, money_is_settled, resolve
from tests.terminal.test_presenter import WAYS, device, prepared, told, truth_and_counters_agree
from tests.terminal.test_recovery import cut

PLACES = ("takes", "stacker", "exit", "taken", "retracted", "rejected", "state", "remembers")

MOTIONS = {"present": Entry.PRESENT_INTENT, "retract": Entry.RETRACT_INTENT, "reject": Entry.REJECT_INTENT}


def snapshot(kiosk: FakeKiosk) -> dict[str, Any]:
    return {place: getattr(device(kiosk), place) for place in PLACES}


async def filmed(folder: Path, way: str) -> tuple[list[Record], list[dict[str, Any]]]:
    """The records of a visit, and where the notes were just before each of them and after the last."""
    kiosk = prepared(folder, "whole.db", way)
    film: list[dict[str, Any]] = []
    write = kiosk.journal.write

    def filming(kind: Entry, transaction: str | None = None, **data: Any) -> Record:
        film.append(snapshot(kiosk))
        return write(kind, transaction, **data)

    before = len(kiosk.records())
    kiosk.journal.write = filming  # type: ignore[method-assign]
    await kiosk.visit()
    records = kiosk.records()
    kiosk.journal.close()
    return records, [film[0]] * before + film + [snapshot(kiosk)]


async def restarted(folder: Path, file: str, notes: dict[str, Any], **more: Any) -> FakeKiosk:
    """A kiosk that has come up on this journal, with the notes where they are."""
    kiosk = FakeKiosk(folder, file, dispenses=FakePresenter)
    for place, value in {**notes, **more}.items():
        setattr(device(kiosk), place, value)
    kiosk.reader.cards.clear()
    await kiosk.visit(first=False)
    return kiosk


def nothing_was_repeated(kiosk: FakeKiosk, records: list[Record]) -> None:
    """No motion that had been asked for before the stop; and nothing is ever dispensed or presented by a recovery."""
    assert kiosk.called("dispense") == []
    assert kiosk.called("present") == []
    for method, intent in MOTIONS.items():
        if intent in [record.kind for record in records]:
            assert kiosk.called(method) == []


@pytest.mark.req("S1-81", "S1-66")
@pytest.mark.parametrize("when", ["the motion had not begun", "the motion was over", "the device has forgotten"])
@pytest.mark.parametrize("way", WAYS)
async def test_a_stop_after_any_record_ends_in_an_end_that_fits_the_notes(tmp_path: Path, way: str, when: str) -> None:
    """What moves between two records has either not begun or is over; a device may lose its memory with the power."""
    records, film = await filmed(tmp_path, way)
    intent = next(at for at, record in enumerate(records) if record.kind == Entry.STACK_INTENT)
    for number in range(intent, len(records) + 1):
        notes = film[number] if when == "the motion was over" else film[number - 1]
        forgotten = {"state": PresentState.UNKNOWN, "remembers": None} if when == "the device has forgotten" else {}

        kiosk = await restarted(tmp_path, cut(tmp_path, records[:number]), notes, **forgotten)

        nothing_was_repeated(kiosk, records[:number])
        money_is_settled(kiosk)
        truth_and_counters_agree(kiosk)
        remains = recovery.fold(kiosk.journal.records())
        assert remains.undecided == {}
        if forgotten and number > intent:
            # Without its memory nothing is given back that was not on record as counted back.
            back = [record for record in records[:number] if record.kind == Entry.REJECT_DONE]
            refused = way in ("stacked short", "present refused")
            assert back or refused or ("Reversal", 500_00) not in told(kiosk)
        kiosk.journal.close()
        (tmp_path / kiosk.file).unlink()


CUT_AT = [
    (Entry.STACK_DONE, {"stacker": 5, "exit": 0, "state": PresentState.NOT_PRESENTED}),
    (Entry.PRESENT_INTENT, {"stacker": 5, "exit": 0, "state": PresentState.NOT_PRESENTED}),
    (Entry.PRESENT_DONE, {"stacker": 0, "exit": 5, "takes": 0}),
    (Entry.PRESENT_DONE, {"stacker": 0, "exit": 5, "takes": 2}),
    (Entry.RETRACT_INTENT, {"stacker": 0, "exit": 5}),
]


@pytest.mark.parametrize(("last", "notes"), CUT_AT)
async def test_a_second_stop_while_recovering_changes_nothing(
    tmp_path: Path, last: Entry, notes: dict[str, Any]
) -> None:
    """Recovery can be repeated after any of its own records, and moves each note at most once."""
    records, film = await filmed(tmp_path, "notes left")
    number = next(at for at, record in enumerate(records, 1) if record.kind == last)
    first = FakeKiosk(tmp_path, cut(tmp_path, records[:number]), dispenses=FakePresenter)
    recovering: list[dict[str, Any]] = []
    write = first.journal.write

    def filming(kind: Entry, transaction: str | None = None, **data: Any) -> Record:
        recovering.append(snapshot(first))
        return write(kind, transaction, **data)

    for place, value in {**film[number - 1], **notes}.items():
        setattr(device(first), place, value)
    first.journal.write = filming  # type: ignore[method-assign]
    first.reader.cards.clear()
    await first.visit(first=False)
    ended, recovered = told(first), first.records()
    first.journal.close()
    (tmp_path / first.file).unlink()

    for again in range(number + 1, len(recovered) + 1):
        where = recovering[min(again - number, len(recovering) - 1)]
        kiosk = await restarted(tmp_path, cut(tmp_path, recovered[:again]), where)
        nothing_was_repeated(kiosk, recovered[:again])
        money_is_settled(kiosk)
        truth_and_counters_agree(kiosk)
        if not recovery.fold(kiosk.journal.records()).suspended:
            assert ended == [] or {*told(kiosk)} <= {*ended}
        kiosk.journal.close()
        (tmp_path / kiosk.file).unlink()


async def test_the_device_is_asked_before_anything_moves(tmp_path: Path) -> None:
    records, film = await filmed(tmp_path, "quick customer")
    number = next(at for at, record in enumerate(records, 1) if record.kind == Entry.STACK_DONE)

    kiosk = await restarted(tmp_path, cut(tmp_path, records[:number]), film[number])

    calls = [call.method for call in kiosk.calls]
    assert calls[:3] == ["get_present_status", "status", "reject"]
    (judged,) = kiosk.records(Entry.NOTES_JUDGED)
    assert judged.data == {
        "verdict": "out_of_reach",
        "state": "notPresented",
        "stacker": "notEmpty",
        "position": "empty",
        "shutter": "closed",
        "units": {"unit1": [5, 0]},
    }
    assert told(kiosk) == [("Reversal", 500_00)]


@pytest.mark.req("S1-66")
@pytest.mark.parametrize(
    ("takes", "host", "state"), [(None, [("Confirm", 500_00)], State.IDLE), (0, [], State.OUT_OF_SERVICE)]
)
async def test_presented_notes_that_a_start_finds_are_waited_for_and_then_taken_back(
    tmp_path: Path, takes: int | None, host: list[tuple[str, int]], state: State
) -> None:
    records, film = await filmed(tmp_path, "notes left")
    number = next(at for at, record in enumerate(records, 1) if record.kind == Entry.PRESENT_DONE)

    kiosk = await restarted(tmp_path, cut(tmp_path, records[:number]), film[number - 1] | {"takes": takes})

    assert told(kiosk) == host
    assert kiosk.session.state is state
    assert (device(kiosk).taken, device(kiosk).retracted) == ((5, 0) if takes is None else (0, 5))


async def test_a_person_s_count_settles_what_a_stop_has_left(tmp_path: Path) -> None:
    records, film = await filmed(tmp_path, "part taken")
    number = next(at for at, record in enumerate(records, 1) if record.kind == Entry.RETRACT_INTENT)
    kiosk = await restarted(tmp_path, cut(tmp_path, records[:number]), film[number])
    assert kiosk.session.state is State.OUT_OF_SERVICE

    resolve(kiosk.journal, "visit-000001", {"unit1": UnitCounts(2)})
    after = kiosk.restarted()

    assert await after.visit(first=False) is State.IDLE
    assert told(after) == [("Confirm", 200_00)]


@pytest.mark.req("S1-66", "S1-81")
@pytest.mark.parametrize("last", [Entry.PRESENT_INTENT, Entry.PRESENT_DONE, Entry.RETRACT_INTENT])
async def test_a_shutter_that_is_open_at_the_start_gives_nothing_back_and_serves_nobody(
    tmp_path: Path, last: Entry
) -> None:
    """Somebody may have reached in while the power was gone."""
    records, film = await filmed(tmp_path, "notes left")
    number = next(at for at, record in enumerate(records, 1) if record.kind == last)
    kiosk = FakeKiosk(tmp_path, cut(tmp_path, records[:number]), dispenses=FakePresenter)
    for place, value in film[number].items():
        setattr(device(kiosk), place, value)
    where = device(kiosk)
    where.stacker, where.exit, where.taken = 0, 0, 2  # three of five are nowhere
    where.state = PresentState.UNKNOWN
    kiosk.dispenser.script["status"] = [replace(where.words, shutter=ShutterStatus.OPEN) for _ in range(3)]
    kiosk.reader.cards.clear()

    assert await kiosk.visit(first=False) is State.OUT_OF_SERVICE

    assert told(kiosk) == []
    assert list(recovery.fold(kiosk.journal.records()).suspended) == ["visit-000001"]
