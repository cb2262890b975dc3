"""A kiosk and its surroundings, switched on and off."""

import asyncio
from pathlib import Path

import pytest

from simulators.bench.bench import Bench
from simulators.bench.file import load_bench
from simulators.bench.lines import LinkKind
from simulators.world.people import person
from terminal import recovery
from terminal.assembly import ROLES
from terminal.counting import Why, set_counts
from terminal.journal import Entry
from terminal.view import Screen


async def up(bench: Bench) -> asyncio.Task[None]:
    running = asyncio.ensure_future(bench.run())
    waiting = asyncio.ensure_future(bench.scene.until(lambda: bench.session.view.screen is Screen.IDLE))
    await asyncio.wait((running, waiting), return_when=asyncio.FIRST_COMPLETED, timeout=60)
    assert waiting.done()
    return running


async def down(bench: Bench, running: asyncio.Task[None]) -> None:
    running.cancel()
    await asyncio.wait((running,))
    bench.close()


async def test_a_bench_comes_up_and_waits_for_a_card(tmp_path: Path) -> None:
    bench = Bench(load_bench(), folder=tmp_path, seed=1)

    running = await up(bench)

    assert list(bench.simulated) == list(ROLES)
    assert bench.elapsed() > 0
    assert Entry.IN_SERVICE in [record.kind for record in bench.journal.records()]
    await down(bench, running)


async def test_nothing_goes_on_after_a_bench_is_switched_off(tmp_path: Path) -> None:
    bench = Bench(load_bench(), folder=tmp_path, seed=1)
    running = await up(bench)
    await down(bench, running)
    await asyncio.sleep(1)

    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_the_host_knows_the_terminal_and_the_people(tmp_path: Path) -> None:
    bench = Bench(load_bench(), folder=tmp_path, seed=1)

    assert bench.authority.balance_fen(person("jia").pan) == 8_600_00
    assert bench.authority.terminal_cash_fen("44030001") == (200 * 100 + 200 * 50) * 100
    bench.close()


@pytest.mark.real_time
async def test_on_tcp_every_device_has_a_url(tmp_path: Path) -> None:
    bench = Bench(load_bench(), folder=tmp_path, link=LinkKind.TCP)
    running = asyncio.ensure_future(bench.run())
    await bench.laid.wait()

    assert all(line.url.startswith("socket://127.0.0.1:") for line in bench.lines.values())
    await down(bench, running)


async def test_staff_stop_the_program_work_on_its_journal_and_start_it_again(tmp_path: Path) -> None:
    bench = Bench(load_bench(), folder=tmp_path, seed=1)
    running = await up(bench)
    seen: list[Screen] = []
    bench.watch(lambda view: seen.append(view.screen))

    cash = recovery.fold(bench.journal.records()).cash
    await bench.stop_for(lambda journal: set_counts(journal, cash, {"unit1": 7}, Why.COUNTED, ("guan", "fang")))
    await bench.scene.until(lambda: bench.session.view.screen is Screen.IDLE)

    assert seen[-1] is Screen.IDLE
    assert bench.equipment.cash.units["unit1"].remaining == 7
    assert len(list(bench.journal.records(Entry.IN_SERVICE))) == 2
    await down(bench, running)
