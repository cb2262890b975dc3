"""The program that runs on a kiosk, on real ports: ptys for the devices and TCP for the host."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from simulators.bench.customer import Customer, Plan, Surroundings
from simulators.bench.file import load_bench
from simulators.bench.lines import LinkKind
from simulators.bench.site import Site
from simulators.world import people
from simulators.world.cards import ISSUER_MASTER_KEY, issue
from simulators.world.people import person
from terminal.config import KioskConfig
from terminal.journal import Entry, inspect
from terminal.program import open_kiosk
from terminal.visit import Ending
from tests.simulators.commands.authority_process import command, serving


@dataclass(frozen=True, slots=True)
class Visit:
    """What is left of a visit."""

    customer: Customer
    site: Site
    endings: list[str]


async def visit(site: Site, config: KioskConfig, plan: Plan) -> Visit:
    """One person at the kiosk that a configuration describes, on the devices of a site that is served."""
    who = person("jia")
    with open_kiosk(config) as session:
        session.subscribe(lambda _: site.scene.changed())
        place = Surroundings(site.scene, session, site.reader, site.pad, site.dispenser, site.printer)
        customer = Customer(who, issue(who), place, site.world.chance("customer"))
        running = asyncio.ensure_future(session.run())
        await asyncio.wait_for(customer.visit(plan), 120)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    verification, records = inspect(config.journal)
    assert verification.ok
    return Visit(customer, site, [record.data["ending"] for record in records if record.kind == Entry.VISIT_ENDED])


@pytest.mark.real_time
async def test_a_kiosk_from_its_configuration_pays_out_on_real_ports(tmp_path: Path) -> None:
    """Nothing of a bench is in the kiosk: it is opened from a kiosk.toml, and keeps journal and vault key in files."""
    site = Site(load_bench(), folder=tmp_path, link=LinkKind.PTY, seed=1)
    serving_ = asyncio.ensure_future(site.serve())
    await site.laid.wait()
    config = site.config().model_copy(update={"service": None})  # the site has it in memory only
    try:
        seen = await visit(site, config, Plan(amount=600))
    finally:
        serving_.cancel()
        await asyncio.gather(serving_, return_exceptions=True)

    assert seen.endings == [Ending.PAID]
    assert sorted(note.denomination for note in seen.customer.notes) == [100] * 6
    assert site.authority.account_debit_fen(seen.customer.person.pan) == 60000
    assert config.vault_key.stat().st_mode & 0o777 == 0o600
    site.close()


@pytest.mark.real_time
async def test_a_kiosk_and_an_authority_meet_on_both_lines_with_certificates(tmp_path: Path) -> None:
    """The authority is another process; the person looks at the account (service line) and draws cash (money line)."""
    file, database = load_bench(), tmp_path / "other.db"
    site = Site(file, folder=tmp_path, link=LinkKind.PTY, seed=1)
    for name, key in (("pad.tmk", site.master_key), ("issuer.key", ISSUER_MASTER_KEY)):
        (tmp_path / name).write_text(key.hex(), encoding="ascii")
        (tmp_path / name).chmod(0o600)
    named = ("--merchant", file.kiosk.merchant, "--region", file.kiosk.region, "--cash-fen", "4000000", "--json")
    added, told = command(
        *("terminal", "add", file.kiosk.terminal, *named),
        *("--tmk-file", tmp_path / "pad.tmk", "--database", database),
    )
    assert added == 0, told
    files = json.loads(told)
    serving_ = asyncio.ensure_future(site.serve())
    await site.laid.wait()
    with serving(
        *("--database", database, "--people", Path(people.__file__).with_name("people.toml")),
        *("--issuer-key", tmp_path / "issuer.key"),
    ) as authority:
        trust = {"ca": authority.where["ca"], "certificate": files["certificate"], "key": files["key"]}
        data = site.config().model_dump(mode="json")
        data["host"] |= {"url": authority.where["money"], "tls": trust}
        data["service"] |= {
            "url": authority.where["service"],
            "tls": {"ca": authority.where["ca"]},
            "channel_key": files["service_key"],
        }
        assert urlsplit(authority.where["money"]).scheme == "tls"
        try:
            seen = await visit(
                site, KioskConfig.model_validate(data), Plan(path=("account", "history", "menu"), amount=600)
            )
        finally:
            serving_.cancel()
            await asyncio.gather(serving_, return_exceptions=True)
        code, _, complained = authority.stop()

    assert seen.endings == [Ending.PAID]
    assert sorted(note.denomination for note in seen.customer.notes) == [100] * 6
    assert (code, complained) == (0, "")
    reconciled, books = command("books", "reconcile", "--database", database)
    assert reconciled == 0, books
    site.close()
