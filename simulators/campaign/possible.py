"""Every fault that a kiosk of the campaign can suffer, found by asking one of each kind."""

import random
from dataclasses import dataclass
from functools import cache

from simulators.bench.customer import Customer
from simulators.bench.faults import CUSTOMER
from simulators.campaign import population
from simulators.campaign.rig import Rig
from simulators.world import virtual_time
from simulators.world.cards import issue
from simulators.world.faults import Ailment


@dataclass(frozen=True, slots=True)
class Possible:
    """One fault, and what it is done to (None: the kiosk as a whole). `hears_commands`: it can wait for one."""

    fault: str
    target: str | None
    ailment: Ailment
    hears_commands: bool = False


@cache
def possible(dispenser: str, *, service_line: bool = False) -> tuple[Possible, ...]:
    """What a kiosk with this dispenser can suffer, with a service line or without, in the order of the catalogue."""

    async def ask() -> tuple[Possible, ...]:
        file = population.bench_file(dispenser)
        rig = Rig(file, seed=1, people=population.people(), service_line=service_line)
        who = rig.people[0]
        customer = Customer(who, issue(who), rig.place, random.Random(1))  # noqa: S311  # never used
        found = [Possible(fault, None, ailment) for fault, ailment in rig.ailments().items()]
        for each in rig.injector.possible():
            found += [Possible(each.fault, role, each.devices[role], hears_commands=True) for role in each.devices]
        found += [Possible(fault, CUSTOMER, ailment) for fault, ailment in customer.ailments().items()]
        rig.close()
        return tuple(found)

    return virtual_time.run(ask())
