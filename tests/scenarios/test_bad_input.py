"""Wrong keys and broken lines on a whole bench: clear words, and nothing is lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from simulators.bench import registry
from simulators.bench.bench import Bench
from simulators.bench.customer import Customer, Plan
from simulators.bench.file import load_bench
from simulators.devices.puloon_lcdm import PuloonLcdm4000
from simulators.world.cards import issue
from simulators.world.people import person
from terminal.journal import Entry
from terminal.states import State
from terminal.view import Screen

JIA = person("jia")


@asynccontextmanager
async def running(bench: Bench) -> AsyncIterator[Customer]:
    """A bench at work, with somebody before it."""
    kiosk = asyncio.ensure_future(bench.run())
    try:
        yield Customer(JIA, issue(JIA), bench.surroundings(), bench.world.chance("customer"))
    finally:
        kiosk.cancel()
        await asyncio.gather(kiosk, return_exceptions=True)
        bench.close()


async def closed(bench: Bench) -> None:
    await bench.scene.until(lambda: bench.session.state is State.OUT_OF_SERVICE)


async def test_a_pad_with_another_master_key_does_no_trade_and_says_why(tmp_path: Path) -> None:
    bench = Bench(load_bench(), folder=tmp_path, seed=1)
    chance = bench.world.chance("other pad").randbytes
    other = registry.Shared(bench.scene, bench.custody, chance, master_key=bytes(range(16)))
    bench.simulated = {**bench.simulated, "pin_pad": registry.pin_pad(bench.file.pin_pad, other)}
    async with running(bench):
        await closed(bench)
        failed = next(bench.journal.records(Entry.SIGN_ON_FAILED))

    assert "the pad's master key is not the host's" in failed.data["cause"]


async def test_a_dispenser_that_is_unplugged_while_notes_move_leaves_a_suspense_item_and_no_wrong_debit(
    tmp_path: Path,
) -> None:
    """Nobody knows what came out: the money stays on hold, and the kiosk waits for a count."""
    bench = Bench(load_bench(), folder=tmp_path, seed=1)
    async with running(bench) as customer:
        visit = asyncio.ensure_future(customer.visit(Plan(amount=500)))
        await bench.scene.until(lambda: len(bench.dispenser.notes_at_exit) == 2)
        (await bench.lines["cash_dispenser"].open()).close()
        await visit
        await bench.scene.until(lambda: bench.session.view.screen is Screen.OUT_OF_SERVICE)

        assert bench.authority.account_debit_fen(JIA.pan) == 0
        assert bench.authority.held_fen(JIA.pan) == 500_00
        suspense = next(bench.journal.records(Entry.SUSPENSE_OPENED))
        assert suspense.data["amount_fen"] == 500_00
        assert isinstance(bench.dispenser, PuloonLcdm4000)
        assert bench.dispenser.dispense_frames == 1
        assert not bench.equipment.money.open_advices
        assert bench.equipment.closed_because == "count_needed"
        bench.custody.check()
