from pathlib import Path

import apsw
import pytest

from simulators.bench.customer import Customer, Plan
from simulators.bench.file import load_bench
from simulators.bench.fleet import Fleet, spare_memory
from simulators.bench.hardware import START
from simulators.bench.host import Host
from simulators.world.cards import issue
from simulators.world.people import person
from simulators.world.virtual_time import World


async def test_kiosks_of_a_fleet_pay_from_one_ledger(tmp_path: Path) -> None:
    who, card, notes = person("jia"), issue(person("jia")), 0
    host = Host(World(1, START))
    fleet = Fleet(load_bench(), host, tmp_path)

    for _ in range(2):
        bench = await fleet.add()
        customer = Customer(who, card, bench.surroundings(), bench.world.chance("customer"))
        await customer.visit(Plan(amount=500))
        notes += sum(note.denomination for note in customer.notes)
    await fleet.close()

    assert notes == 1000
    assert host.authority.account_debit_fen(who.pan) == 1000_00
    assert host.authority.ledger_balanced()
    assert {draw.terminal for draw in host.authority.draws()} == {"00000000", "00000001"}
    host.close()


def test_memory_is_spared_before_a_journal_is_open_and_not_after() -> None:
    connection = apsw.Connection(":memory:")
    with pytest.raises(AssertionError, match="open already"):
        spare_memory()
    connection.close()
