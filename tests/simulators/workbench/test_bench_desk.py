from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from protocol.money_line import CashRequest
from simulators.bench.bench import Bench
from simulators.bench.faults import CUSTOMER
from simulators.bench.file import load_bench
from simulators.workbench.bench_desk import BenchDesk
from simulators.workbench.desk import Desk
from simulators.workbench.devices import AS_IT_SHOULD_BE
from terminal.journal import Entry


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(load_bench(), folder=tmp_path, seed=1)
    yield bench
    bench.close()


@pytest.fixture
def desk(bench: Bench) -> Desk:
    return BenchDesk(bench)


async def test_every_device_of_the_bench_is_on_the_desk(desk: Desk) -> None:
    snapshots: Mapping[str, Mapping[str, str]] = {name: device.snapshot() for name, device in desk.devices.items()}
    assert list(snapshots) == ["card_reader", "pin_pad", "cash_dispenser", "receipt_printer"]
    assert all(snapshots.values())
    known = {what for snapshot in snapshots.values() for what in snapshot}
    assert {what for what, _ in AS_IT_SHOULD_BE} <= known


async def test_hands_that_find_nothing_do_nothing(desk: Desk) -> None:
    assert not desk.insert_card(desk.people[0])
    assert not desk.take_card()
    assert not desk.take_notes()
    desk.press("5")
    assert desk.tear_off() is None


async def test_every_fault_can_be_switched_and_mended(bench: Bench, desk: Desk) -> None:
    before = {name: device.snapshot() for name, device in desk.devices.items()}
    for fault in desk.faults:
        fault.toggle()
    lasting = [fault for fault in desk.faults if fault.on]
    assert [fault.name for fault in lasting] == [
        "card reader without power",
        "pin pad without power",
        "cash dispenser without power",
        "receipt printer without power",
        "printer cover open",
    ]
    broken = {name: device.snapshot() for name, device in desk.devices.items()}
    assert all(broken[name] != before[name] for name in before)
    for fault in lasting:
        fault.toggle()
    assert not any(fault.on for fault in desk.faults)
    assert {name: device.snapshot()["power"] for name, device in desk.devices.items() if name != "pin_pad"} == {
        "card_reader": "on",
        "cash_dispenser": "on",
        "receipt_printer": "on",
    }
    assert bench.authority.faults.silent_on == {CashRequest: 1}
    assert bench.authority.faults.lose_reply_on == {CashRequest: 1}


async def test_the_journal_is_followed_from_the_last_number(bench: Bench, desk: Desk) -> None:
    first = bench.journal.write(next(iter(Entry)))
    second = bench.journal.write(next(iter(Entry)))
    assert [record.seq for record in desk.journal_after(first.seq)] == [second.seq]


async def test_the_desk_offers_the_faults_of_the_bench(bench: Bench, desk: Desk) -> None:
    assert desk.injector is bench.injector
    suffering = {device for possible in desk.injector.possible() for device in possible.devices}
    assert suffering == {*desk.devices, CUSTOMER}
