"""A restart after a stop at any point: every open transaction gets its named end."""

import asyncio
from datetime import datetime
from pathlib import Path

import pytest

from drivers.interfaces import CardReaderStatus, DeviceState, Dispensed, Done, Media, UnitCounts, Unknown
from protocol.money_line import CashRequest, Confirm, Reversal
from terminal import recovery
from terminal.cash_units import Accuracy
from terminal.journal import Entry, Journal, Record
from terminal.states import State
from terminal.view import Screen
from tests.terminal.fakes import JAMMED, AutoHost, FakeKiosk, money_is_settled, resolve

PAID = "whole", Done(Dispensed({"unit1": UnitCounts(5)})), 500_00
PARTLY = "part", Done(Dispensed({"unit1": UnitCounts(3)}, JAMMED, "unit1")), 300_00
NOTHING = "nothing", Done(Dispensed({"unit1": UnitCounts(0, 1)}, JAMMED, "unit1")), 0


async def whole_visit(folder: Path, outcome: Done[Dispensed], *, card_left: bool = False) -> list[Record]:
    """The records of a visit, from the first start to the next customer."""
    kiosk = FakeKiosk(folder, "whole.db")
    kiosk.dispenser.script["dispense"] = [outcome]
    if card_left:
        kiosk.reader.script["media_removed"] = [False, False]
    await kiosk.visit()
    records = kiosk.records()
    kiosk.journal.close()
    return records


def cut(folder: Path, records: list[Record]) -> str:
    """A journal that ends after these records: its file name."""
    name = f"cut-{len(records)}.db"
    times = [datetime.fromisoformat(record.time) for record in records]
    journal = Journal(folder / name, lambda: times.pop(0))
    for record in records:
        written = journal.write(Entry(record.kind), record.transaction, **record.data)
        assert written == record
    journal.close()
    return name


async def restarted(folder: Path, file: str, *, host: AutoHost | None = None) -> FakeKiosk:
    """A kiosk that has come up on this journal and waits, in or out of service."""
    kiosk = FakeKiosk(folder, file, host or AutoHost())
    kiosk.reader.cards.clear()
    await kiosk.visit(first=False)
    return kiosk


@pytest.mark.req("S1-81")
@pytest.mark.parametrize(("_name", "outcome", "paid"), [PAID, PARTLY, NOTHING], ids=lambda value: str(value))
async def test_a_stop_after_any_record_of_a_withdrawal_ends_in_a_named_end(
    tmp_path: Path, _name: str, outcome: Done[Dispensed], paid: int
) -> None:
    records = await whole_visit(tmp_path, outcome)
    ends = []
    for number in range(1, len(records) + 1):
        before = recovery.fold(records[:number])
        kiosk = await restarted(tmp_path, cut(tmp_path, records[:number]))
        after = recovery.fold(kiosk.journal.records())
        money = kiosk.equipment.money

        assert kiosk.called("dispense") == []
        assert money.open_advices == ()
        assert after.visits.open == []
        assert len(kiosk.records(Entry.VISIT_ENDED)) == len(kiosk.records(Entry.VISIT_BEGUN))
        money_is_settled(kiosk)
        if before.asked:
            ends.append("suspense")
            assert kiosk.session.state is State.OUT_OF_SERVICE
            assert list(after.suspended) == ["visit-000001"]
            assert after.cash.units["unit1"].accuracy is Accuracy.UNKNOWN
        else:
            assert kiosk.session.state is State.IDLE
            assert after.suspended == {}
            assert money.open_approvals == ()
            advices = {(record.data["mti"], record.data["amount_fen"]) for record in kiosk.records(Entry.ADVICE_STORED)}
            ends.append(" ".join(f"{mti}:{amount}" for mti, amount in advices) or "nothing")
        kiosk.journal.close()

    final = f"0220:{paid}" if paid else "0400:50000"
    in_order = ["nothing", "0400:50000", "suspense", final]
    assert [end for at, end in enumerate(ends) if at == 0 or ends[at - 1] != end] == in_order


async def test_a_stop_after_any_record_of_a_card_left_behind_gives_the_money_back(tmp_path: Path) -> None:
    records = await whole_visit(tmp_path, PAID[1], card_left=True)
    for number in range(1, len(records) + 1):
        kiosk = await restarted(tmp_path, cut(tmp_path, records[:number]))

        assert kiosk.session.state is State.IDLE
        assert kiosk.host.of(Confirm) == []
        requested = any(record.data.get("name") == "CashRequest" for record in records[:number])
        reversed_ = [record.data["mti"] for record in kiosk.records(Entry.ADVICE_STORED)]
        assert reversed_ == (["0400"] if requested else [])
        assert kiosk.equipment.money.open_approvals == ()
        kiosk.journal.close()


async def test_a_second_stop_while_recovering_changes_nothing(tmp_path: Path) -> None:
    """Recovery can be repeated after any of its own records."""
    records = await whole_visit(tmp_path, PAID[1])
    intent = next(at for at, record in enumerate(records, 1) if record.kind == Entry.DISPENSE_INTENT)
    first = await restarted(tmp_path, cut(tmp_path, records[:intent]))
    recovered = first.records()
    first.journal.close()
    for number in range(intent + 1, len(recovered) + 1):
        kiosk = await restarted(tmp_path, cut(tmp_path, recovered[:number]))

        assert len(kiosk.records(Entry.DISPENSE_UNKNOWN)) == 1
        assert len(kiosk.records(Entry.SUSPENSE_OPENED)) == 1
        assert kiosk.cash.units["unit1"].unknown == 5
        money_is_settled(kiosk)
        kiosk.journal.close()


async def test_the_dispenser_is_asked_before_anything_moves_and_its_words_are_on_record(tmp_path: Path) -> None:
    records = await whole_visit(tmp_path, PAID[1])
    intent = next(at for at, record in enumerate(records, 1) if record.kind == Entry.DISPENSE_INTENT)

    kiosk = await restarted(tmp_path, cut(tmp_path, records[:intent]))

    assert kiosk.calls[0].method == "get_present_status"
    assert [record.data["evidence"] for record in kiosk.records(Entry.SUSPENSE_OPENED)] == ["unknown"]
    assert "dispenser" not in [call.device for call in kiosk.calls if call.method == "reset"]


@pytest.mark.parametrize(("notes", "told"), [(5, Confirm), (2, Confirm), (0, Reversal)])
async def test_a_count_by_a_person_settles_a_suspended_transaction(
    tmp_path: Path, notes: int, told: type[Confirm | Reversal]
) -> None:
    records = await whole_visit(tmp_path, PAID[1])
    intent = next(at for at, record in enumerate(records, 1) if record.kind == Entry.DISPENSE_INTENT)
    suspended = await restarted(tmp_path, cut(tmp_path, records[:intent]))
    resolve(suspended.journal, "visit-000001", {"unit1": UnitCounts(notes)})
    suspended.journal.close()

    kiosk = await restarted(tmp_path, f"cut-{intent}.db")

    assert kiosk.session.state is State.IDLE
    (advice,) = [request for request in kiosk.host.heard if isinstance(request, Confirm | Reversal)]
    assert isinstance(advice, told)
    assert advice.amount == (notes * 100_00 or 500_00)


async def test_a_count_above_the_approval_is_suspended_at_the_restart_too(tmp_path: Path) -> None:
    records = await whole_visit(tmp_path, PAID[1])
    done = next(at for at, record in enumerate(records) if record.kind == Entry.DISPENSE_DONE)
    name = cut(tmp_path, records[:done])
    journal = Journal(tmp_path / name, lambda: datetime.fromisoformat(records[done].time))
    journal.write(Entry.DISPENSE_DONE, "visit-000001", **{**records[done].data, "units": {"unit1": [6, 0]}})
    journal.close()

    kiosk = await restarted(tmp_path, name)

    assert kiosk.session.state is State.OUT_OF_SERVICE
    assert kiosk.host.of(Confirm) == kiosk.host.of(Reversal) == []


async def test_a_host_that_is_down_at_the_restart_hears_of_it_later(tmp_path: Path) -> None:
    records = await whole_visit(tmp_path, PAID[1])
    done = next(at for at, record in enumerate(records, 1) if record.kind == Entry.DISPENSE_DONE)
    host = AutoHost()
    host.silent_on[Confirm] = 1

    kiosk = await restarted(tmp_path, cut(tmp_path, records[:done]), host=host)
    assert kiosk.session.state is State.OUT_OF_SERVICE
    assert kiosk.equipment.money.open_advices

    kiosk.run()
    await asyncio.sleep(100)
    assert not kiosk.equipment.money.open_advices
    assert kiosk.session.view.screen == "idle"
    await kiosk.stop()


async def test_visits_go_on_counting_after_a_restart(tmp_path: Path) -> None:
    kiosk = FakeKiosk(tmp_path)
    await kiosk.visit()
    again = kiosk.restarted()
    again.reader.cards = FakeKiosk(tmp_path, "other.db").reader.cards
    await again.visit()

    assert [record.transaction for record in again.records(Entry.VISIT_BEGUN)] == ["visit-000001", "visit-000002"]
    assert again.cash.units["unit1"].dispensed == 10
    assert len(again.host.of(CashRequest)) == 1


async def test_cassettes_of_the_configuration_count_only_once(tmp_path: Path) -> None:
    kiosk = FakeKiosk(tmp_path)
    await kiosk.visit()

    again = kiosk.restarted()

    assert [record.data["unit"] for record in again.records(Entry.COUNTS_SET)] == ["unit1", "unit2"]
    assert again.cash.units["unit1"].remaining == 95


async def test_a_card_found_inside_at_the_start_goes_to_its_owner_or_into_the_bin(tmp_path: Path) -> None:
    taken, left = FakeKiosk(tmp_path, "taken.db"), FakeKiosk(tmp_path, "left.db")
    left.reader.script["media_removed"] = [False]
    for kiosk in (taken, left):
        kiosk.reader.script["reset"] = [Done(Media.ENTERING)]
        kiosk.reader.cards.clear()
        assert await kiosk.visit(first=False) is State.IDLE

    assert [kind for kind in taken.kinds() if "card" in kind] == ["card_eject_intent", "card_taken"]
    assert [kind for kind in left.kinds() if "cap" in kind] == ["capture_intent", "card_captured"]


@pytest.mark.req("S1-81")
@pytest.mark.parametrize(
    ("last", "ending"),
    [
        (Entry.CARD_READ, "interrupted"),
        (Entry.CONFIRMED, "interrupted"),
        (Entry.HOST_REQUEST, "no_answer"),
        (Entry.HOST_REPLY, "not_paid"),
        (Entry.DISPENSE_INTENT, "suspense"),
        (Entry.DISPENSE_DONE, "paid"),
        (Entry.CASH_TAKEN, "paid"),
    ],
)
async def test_a_visit_that_a_stop_cut_short_gets_its_end_on_record(tmp_path: Path, last: Entry, ending: str) -> None:
    records = await whole_visit(tmp_path, PAID[1])
    number = max(at for at, record in enumerate(records, 1) if record.kind == last and record.transaction)

    kiosk = await restarted(tmp_path, cut(tmp_path, records[:number]))

    (ended,) = kiosk.records(Entry.VISIT_ENDED)
    assert (ended.transaction, ended.data["ending"]) == ("visit-000001", ending)
    assert ended.data["cause"] == "the kiosk stopped"


@pytest.mark.req("S1-80")
@pytest.mark.parametrize(
    ("found", "after_reset", "moves", "kinds"),
    [
        (Media.PRESENT, Media.NOT_PRESENT, ["retain", "exit"], ["capture_intent", "capture_intent", "card_captured"]),
        (Media.ENTERING, Media.NOT_PRESENT, ["retain", "exit"], ["capture_intent", "capture_intent", "card_captured"]),
        (Media.NOT_PRESENT, Media.NOT_PRESENT, ["exit"], ["capture_intent", "card_not_found"]),
    ],
)
async def test_a_stop_while_a_card_is_kept_ends_with_the_card_kept_or_not_found(
    tmp_path: Path, found: Media, after_reset: Media, moves: list[str], kinds: list[str]
) -> None:
    records = await whole_visit(tmp_path, PAID[1], card_left=True)
    number = next(at for at, record in enumerate(records, 1) if record.kind == Entry.CAPTURE_INTENT)
    kiosk = FakeKiosk(tmp_path, cut(tmp_path, records[:number]), AutoHost())
    kiosk.reader.cards.clear()
    kiosk.reader.script["status"] = [CardReaderStatus(DeviceState.ONLINE, found)]
    kiosk.reader.script["reset"] = [Done(after_reset)]

    assert await kiosk.visit(first=False) is State.IDLE

    assert [str(call.argument) for call in kiosk.called("reset") if call.device == "reader"] == moves
    about_cards = [record for record in kiosk.records() if "captur" in record.kind or record.kind == "card_not_found"]
    assert [record.kind for record in about_cards] == kinds
    assert {record.transaction for record in about_cards} == {"visit-000001"}


@pytest.mark.req("S1-80")
async def test_a_card_in_the_throat_at_the_start_belongs_to_the_visit_that_was_cut_short(tmp_path: Path) -> None:
    records = await whole_visit(tmp_path, PAID[1])
    number = next(at for at, record in enumerate(records, 1) if record.kind == Entry.CONFIRMED)
    for left in (False, True):
        folder = tmp_path / str(left)
        folder.mkdir()
        kiosk = FakeKiosk(folder, cut(folder, records[:number]), AutoHost())
        kiosk.reader.cards.clear()
        kiosk.reader.script["reset"] = [Done(Media.ENTERING)]
        kiosk.reader.script["media_removed"] = [not left]

        assert await kiosk.visit(first=False) is State.IDLE

        ends = kiosk.records(Entry.CARD_TAKEN, Entry.CARD_CAPTURED)
        assert [(end.kind, end.transaction) for end in ends] == [
            ("card_captured" if left else "card_taken", "visit-000001")
        ]
        assert recovery.fold(kiosk.records()).visits.card is None


async def test_a_card_that_can_not_be_kept_at_the_start_is_tried_again_only_after_asking(tmp_path: Path) -> None:
    records = await whole_visit(tmp_path, PAID[1], card_left=True)
    number = next(at for at, record in enumerate(records, 1) if record.kind == Entry.CAPTURE_INTENT)
    kiosk = FakeKiosk(tmp_path, cut(tmp_path, records[:number]), AutoHost())
    kiosk.reader.cards.clear()
    inside = CardReaderStatus(DeviceState.ONLINE, Media.PRESENT)
    kiosk.reader.script["status"] = [inside, inside]
    kiosk.reader.script["reset"] = [Unknown("no answer")]
    kiosk.run()
    await kiosk.until(Screen.OUT_OF_SERVICE)
    assert kiosk.equipment.closed_because == "card_reader"
    await kiosk.until(Screen.IDLE)
    await kiosk.stop()

    calls = [(call.method, str(call.argument)) for call in kiosk.calls if call.device == "reader"]
    assert calls[:4] == [("status", "None"), ("reset", "retain"), ("status", "None"), ("reset", "retain")]
    assert Entry.CAPTURE_FAILED in kiosk.kinds()
    assert Entry.CARD_CAPTURED in kiosk.kinds()


@pytest.mark.req("S1-05")
async def test_a_second_stop_at_any_record_of_ending_a_visit_ends_it_once(tmp_path: Path) -> None:
    records = await whole_visit(tmp_path, PAID[1])
    done = next(at for at, record in enumerate(records, 1) if record.kind == Entry.DISPENSE_DONE)
    first = await restarted(tmp_path, cut(tmp_path, records[:done]))
    recovered = first.records()
    first.journal.close()
    for number in range(done + 1, len(recovered) + 1):
        kiosk = await restarted(tmp_path, cut(tmp_path, recovered[:number]))
        assert [record.data["ending"] for record in kiosk.records(Entry.VISIT_ENDED)] == ["paid"]
        assert len(kiosk.records(Entry.ADVICE_STORED)) == 1
        kiosk.journal.close()
