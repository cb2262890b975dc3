from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drivers.trace import Tracer
from protocol.money_line import CashRequest
from simulators.authority.host_line import LineFaults
from simulators.devices.escpos import EscPosPrinter
from simulators.devices.puloon_lcdm import PuloonLcdm4000
from simulators.devices.sankyo_ict3q8 import SankyoIct3q8
from simulators.devices.szzt_zt598 import SzztZt598
from simulators.workbench.app import AS_IT_SHOULD_BE
from simulators.workbench.bench import Bench
from simulators.workbench.desk import Desk
from simulators.world.custody import Custody, Note
from simulators.world.scene import Scene
from terminal.journal import Entry, Journal
from tests.terminal.kiosk.sample_views import ScriptedSession


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    scene, custody = Scene(), Custody[Note]()

    async def run() -> None: ...

    journal = Journal(tmp_path / "journal.db", lambda: datetime(2026, 11, 20, tzinfo=UTC))
    yield Desk(
        session=ScriptedSession(),
        scene=scene,
        reader=SankyoIct3q8(scene=scene),
        pad=SzztZt598(scene=scene, entropy=bytes),
        dispenser=PuloonLcdm4000(scene=scene, custody=custody),
        printer=EscPosPrinter(scene=scene),
        journal=journal,
        tracer=Tracer(),
        host_faults=LineFaults(),
        run=run,
    )
    journal.close()


async def test_a_desk_is_a_bench_with_every_device(desk: Desk) -> None:
    bench: Bench = desk
    snapshots: Mapping[str, Mapping[str, str]] = {name: device.snapshot() for name, device in bench.devices.items()}
    assert list(snapshots) == ["reader", "pad", "dispenser", "printer"]
    assert all(snapshots.values())
    known = {what for snapshot in snapshots.values() for what in snapshot}
    assert {what for what, _ in AS_IT_SHOULD_BE} <= known


async def test_hands_that_find_nothing_do_nothing(desk: Desk) -> None:
    assert not desk.insert_card(desk.people[0])
    assert not desk.take_card()
    assert not desk.take_notes()
    desk.press("5")
    assert desk.tear_off() is None
    assert desk.reader.card_at_gate is None


async def test_every_fault_can_be_switched_and_mended(desk: Desk) -> None:
    before = {name: device.snapshot() for name, device in desk.devices.items()}
    assert 0 < len(desk.faults) <= 9
    for fault in desk.faults:
        fault.toggle()
    lasting = [fault for fault in desk.faults if fault.on]
    assert [fault.name for fault in lasting] == [
        "card reader without power",
        "PIN pad without power",
        "dispenser without power",
        "printer without power",
        "printer cover open",
    ]
    broken = {name: device.snapshot() for name, device in desk.devices.items()}
    assert all(broken[name] != before[name] for name in before)
    for fault in lasting:
        fault.toggle()
    assert not any(fault.on for fault in desk.faults)
    assert {name: device.snapshot()["power"] for name, device in desk.devices.items() if name != "pad"} == {
        "reader": "on",
        "dispenser": "on",
        "printer": "on",
    }
    assert desk.host_faults.silent_on == {CashRequest: 1}
    assert desk.host_faults.lose_reply_on == {CashRequest: 1}


async def test_the_journal_is_followed_from_the_last_number(desk: Desk) -> None:
    first = desk.journal.write(next(iter(Entry)))
    second = desk.journal.write(next(iter(Entry)))
    assert [record.seq for record in desk.journal_after(first.seq)] == [second.seq]
