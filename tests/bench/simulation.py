"""Speed of the simulation: whole withdrawals on a bench in virtual time, hours of an idle kiosk, and starts.

Every byte of every device passes; the host's database is in memory, the journal in a folder. Processor time.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from simulators.bench.bench import Bench
from simulators.bench.customer import Customer, Plan
from simulators.bench.file import load_bench
from simulators.bench.hardware import START
from simulators.bench.host import Host
from simulators.world import virtual_time
from simulators.world.cards import issue
from simulators.world.people import person
from simulators.world.virtual_time import World
from terminal.states import State
from tests.bench.samples import Spread

VISITS = 20
"""Withdrawals in one sample: a quiet day of a kiosk. Limits of the policies allow them."""

YUAN = 100
IDLE_HOURS = 6


@dataclass(frozen=True, slots=True)
class Simulation:
    """Withdrawals a second, hours of an idle kiosk a second, and seconds until a kiosk that starts is idle."""

    visits: Spread
    idle_hours: Spread
    start: Spread


def measure(rounds: int, progress: Callable[[], None] = lambda: None) -> Simulation:
    """One sample of each in every round, on a new bench."""
    samples = []
    for seed in range(rounds):
        with TemporaryDirectory(prefix="medteller-") as folder:
            samples.append(virtual_time.run(_round(Path(folder), seed)))
        progress()
    visits, idle, start = (list(of_one) for of_one in zip(*samples, strict=True))
    return Simulation(Spread.of(visits), Spread.of(idle), Spread.of(start))


async def _round(folder: Path, seed: int) -> tuple[float, float, float]:
    host = Host(World(seed, START))
    began = time.process_time()
    bench = Bench(load_bench(), folder=folder, seed=seed, host=host)
    running = asyncio.ensure_future(bench.run())
    await bench.scene.until(lambda: bench.session.state is State.IDLE)
    start = time.process_time() - began

    who, place = person("jia"), bench.surroundings()
    card = issue(who)
    began = time.process_time()
    for number in range(VISITS):
        customer = Customer(who, card, place, bench.world.chance(f"customer {number}"))
        await customer.visit(Plan(amount=YUAN))
        if len(customer.notes) != 1:
            raise RuntimeError(f"visit {number} of seed {seed} was not paid: this would measure something else")
    visits = VISITS / (time.process_time() - began)

    began = time.process_time()
    await asyncio.sleep(IDLE_HOURS * 3600)
    idle = IDLE_HOURS / (time.process_time() - began)

    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    bench.close()
    host.close()
    return visits, idle, start
