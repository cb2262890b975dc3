"""Speed of the simulation: whole withdrawals on a bench in virtual time, hours of an idle kiosk, starts, campaign days.

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
from simulators.campaign import run
from simulators.campaign.population import PEOPLE
from simulators.campaign.tape import Tape, Visit
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

GAP = 1_380
"""Seconds between two customers of a campaign's day, which has eight hours then."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """Withdrawals a second, hours of an idle kiosk a second, seconds until a kiosk that starts is idle, and hours a
    second of a campaign's day with 20 withdrawals, judged.
    """

    visits: Spread
    idle_hours: Spread
    start: Spread
    day_hours: Spread


def measure(rounds: int, progress: Callable[[], None] = lambda: None) -> Simulation:
    """One sample of each in every round, on a new bench."""
    samples = []
    for seed in range(rounds):
        with TemporaryDirectory(prefix="medteller-") as folder:
            samples.append((*virtual_time.run(_round(Path(folder), seed)), _day(seed)))
        progress()
    visits, idle, start, day = (list(of_one) for of_one in zip(*samples, strict=True))
    return Simulation(Spread.of(visits), Spread.of(idle), Spread.of(start), Spread.of(day))


def _day(seed: int) -> float:
    """Simulated hours a second of a day of a campaign on which nothing goes wrong."""
    come = tuple(Visit(person=number % PEOPLE, amount=YUAN, gap=GAP) for number in range(VISITS))
    began = time.process_time()
    outcome = run.play(Tape(seed=seed, visits=come))
    spent = time.process_time() - began
    if outcome.violations or outcome.endings != {"paid": VISITS}:
        raise RuntimeError(f"the day of seed {seed} did not go as planned: this would measure something else")
    return outcome.seconds / 3600 / spent


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
