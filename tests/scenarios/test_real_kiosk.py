"""The program that runs on a kiosk, on real ports: ptys for the devices and TCP for the host."""

import asyncio
from pathlib import Path

import pytest

from simulators.bench.customer import Customer, Plan, Surroundings
from simulators.bench.file import load_bench
from simulators.bench.lines import LinkKind
from simulators.bench.site import Site
from simulators.world.cards import issue
from simulators.world.people import person
from terminal.journal import Entry, inspect
from terminal.program import open_kiosk
from terminal.visit import Ending


@pytest.mark.real_time
async def test_a_kiosk_from_its_configuration_pays_out_on_real_ports(tmp_path: Path) -> None:
    """Nothing of a bench is in the kiosk: it is opened from a kiosk.toml, and keeps journal and vault key in files."""
    site = Site(load_bench(), folder=tmp_path, link=LinkKind.PTY, seed=1)
    who = person("jia")
    serving = asyncio.ensure_future(site.serve())
    await site.laid.wait()
    config = site.config()
    try:
        with open_kiosk(config) as session:
            session.subscribe(lambda _: site.scene.changed())
            place = Surroundings(site.scene, session, site.reader, site.pad, site.dispenser, site.printer)
            customer = Customer(who, issue(who), place, site.world.chance("customer"))
            running = asyncio.ensure_future(session.run())
            await asyncio.wait_for(customer.visit(Plan(amount=600)), 120)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)

    verification, records = inspect(config.journal)
    assert verification.ok
    assert [record.data["ending"] for record in records if record.kind == Entry.VISIT_ENDED] == [Ending.PAID]
    assert sorted(note.denomination for note in customer.notes) == [100] * 6
    assert site.authority.account_debit_fen(who.pan) == 60000
    assert config.vault_key.stat().st_mode & 0o777 == 0o600
    site.close()
