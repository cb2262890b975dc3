"""A disk that was set back to an older image: the host knows more than the journal, and no note moves."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from drivers.trace import Tracer
from simulators.bench.computer import Computer
from simulators.bench.customer import Customer, Plan, Surroundings
from simulators.bench.file import load_bench
from simulators.bench.site import Site
from simulators.world.cards import VirtualCard, issue
from simulators.world.people import person
from terminal.journal import Entry, Journal, inspect
from terminal.vault import Vault
from terminal.view import Screen

JIA = person("jia")


@asynccontextmanager
async def a_site(folder: Path) -> AsyncIterator[Site]:
    site = Site(load_bench(), folder=folder, seed=1)
    serving = asyncio.ensure_future(site.serve())
    try:
        yield site
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        site.close()


@asynccontextmanager
async def a_computer(site: Site, journal: Path) -> AsyncIterator[Computer]:
    chance = site.world.chance(f"computer {site.world.now()}").randbytes
    computer = Computer(site, Journal(journal, site.world.now), Vault(bytes(32), chance), chance, Tracer())
    running = asyncio.ensure_future(computer.run())
    try:
        yield computer
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        computer.close()
        computer.journal.close()
        for line in site.lines.values():
            await line.lay()


async def a_visit(site: Site, computer: Computer, card: VirtualCard) -> None:
    around = Surroundings(
        site.scene, computer.session, site.reader, site.pad, site.dispenser, site.printer, lambda _: None
    )
    await site.scene.until(lambda: computer.session.view.screen is Screen.IDLE)
    await Customer(JIA, card, around, site.world.chance("customer")).visit(Plan(amount=500))
    await site.scene.until(lambda: computer.session.view.screen is Screen.IDLE)


@pytest.mark.req("S2-62")
async def test_a_disk_that_was_set_back_is_locked_out_until_the_authority_believes_it(tmp_path: Path) -> None:
    now, old, card = tmp_path / "now.db", tmp_path / "old.db", issue(JIA)
    async with a_site(tmp_path) as site:
        async with a_computer(site, now) as computer:
            await a_visit(site, computer, card)
        shutil.copy(now, old)
        async with a_computer(site, now) as computer:
            await a_visit(site, computer, card)
        in_cassettes = site.custody.number("dispenser/cassette1")

        async with a_computer(site, old) as computer:
            await asyncio.sleep(600)
            assert computer.session.view.screen is Screen.OUT_OF_SERVICE
            assert computer.equipment.closed_because == "journal_set_back"
            assert Entry.JOURNAL_SET_BACK in [record.kind for record in computer.journal.records()]
            assert site.custody.number("dispenser/cassette1") == in_cassettes
            assert site.authority.account_debit_fen(JIA.pan) == 1000_00

            site.authority.accept_journal(site.config().host.terminal)
            await site.scene.until(lambda: computer.session.view.screen is Screen.IDLE)
    assert inspect(old)[0].ok


async def test_a_restart_on_the_latest_journal_is_nothing_to_remark(tmp_path: Path) -> None:
    card = issue(JIA)
    async with a_site(tmp_path) as site:
        for _ in range(2):
            async with a_computer(site, tmp_path / "now.db") as computer:
                await a_visit(site, computer, card)
                assert Entry.JOURNAL_SET_BACK not in [record.kind for record in computer.journal.records()]


@pytest.mark.req("S2-62")
async def test_a_new_journal_in_the_place_of_the_old_one_is_locked_out_too(tmp_path: Path) -> None:
    card = issue(JIA)
    async with a_site(tmp_path) as site:
        async with a_computer(site, tmp_path / "now.db") as computer:
            await a_visit(site, computer, card)
        async with a_computer(site, tmp_path / "new.db") as computer:
            await asyncio.sleep(600)
            assert computer.equipment.closed_because == "journal_set_back"
