"""What one seed decides: which kiosk, which customers, which faults, how many. Not every fault is in every run."""

import random
from collections.abc import Sequence
from typing import Final

from simulators.campaign.aimed import cut_at, loss
from simulators.campaign.errands import Errand, errand
from simulators.campaign.population import DISPENSERS, PEOPLE
from simulators.campaign.possible import Possible, possible
from simulators.campaign.tape import Act, Tape, Visit
from terminal.journal import Entry
from terminal.view import Screen

FAMILIES: Final = "ABCDEFG"
"""Power and process, serial lines, devices, network, storage, time, people."""

OVERNIGHT: Final = 50_000
"""Seconds between two customers, on the average, where a night or more lies between them."""


TO_THE_CUSTOMER: Final = (Entry.DISPENSE_INTENT, Entry.DISPENSE_INTENT, Entry.DISPENSE_DONE)
WITH_A_STACKER: Final = (
    Entry.STACK_INTENT,
    Entry.STACK_INTENT,
    Entry.STACK_DONE,
    Entry.PRESENT_INTENT,
    Entry.PRESENT_INTENT,
    Entry.PRESENT_DONE,
    Entry.CASH_LEFT,
    Entry.RETRACT_INTENT,
    Entry.REJECT_INTENT,
)
WITH_A_CARD: Final = (Entry.CARD_READ, Entry.HOST_REPLY, Entry.STACK_DONE, Entry.CARD_LEFT, Entry.CAPTURE_INTENT)
WITH_THE_HOST: Final = (Entry.CONFIRMED, Entry.HOST_REQUEST, Entry.HOST_REPLY, Entry.ADVICE_STORED)
ABOUT_MONEY: Final = (Entry.HOST_REQUEST, Entry.HOST_REPLY)
"""Of these the first in a visit is about the quote."""

OTHERS: Final = (Entry.CARD_TAKEN, Entry.SUSPENSE_OPENED)
"""Records after which notes, cards or messages about money are on their way: faults matter more there."""

YUAN: Final = (100, 200, 300, 500, 700, 1_000, 1_500, 2_000, 2_000, 3_000)
"""Amounts of cash."""

AIM: Final = 0.5
"""How many of the acts wait for such a record."""


STACKER: Final = "fujitsu-f56"

WITH_A_SERVICE_LINE: Final = 0.5
"""How many kiosks have one."""

WITH_CUTS: Final = 0.45
CUTS: Final = 0.5
"""How many runs have power cuts that are aimed at what moves, and how many visits of theirs."""

TRANSFERS_LOST: Final = 0.4
REQUESTS_LOST: Final = 0.1
"""In how many visits the request for a transfer or for cash, or its answer, is lost, doubled or late."""

DAY_ENDS: Final = (None, None, "09:02", "09:04", "09:10")
"""Soon enough to come between the customers of a run, while its faults strike."""


def draw(seed: int, visits: int | None = None) -> Tape:
    """The tape of a seed."""
    chance = random.Random(f"{seed}/swarm")  # noqa: S311  # repeatable on purpose
    dispenser = chance.choice((*DISPENSERS, STACKER))  # the one that has most to go wrong
    service_line = chance.random() < WITH_A_SERVICE_LINE
    faults = possible(dispenser, service_line=service_line)
    families = chance.sample(FAMILIES, chance.choice((1, 1, 2, 3, len(FAMILIES))))
    of_families = [each for each in faults if each.fault[0] in families]
    on = chance.sample(of_families, min(len(of_families), chance.choice((1, 2, 4, 8, 100))))
    on += [each for each in on if each.target == "cash_dispenser"] * 2  # where the notes are
    often = chance.choice((0.3, 1.0, 2.0, 3.0))
    number = visits or chance.choice((1, 2, 2, 3, 3, 4, 6))
    notes = WITH_A_STACKER if dispenser == STACKER else TO_THE_CUSTOMER
    people = chance.sample(range(PEOPLE), chance.choice((1, 2, PEOPLE)))
    cuts = CUTS if chance.random() < WITH_CUTS else 0.0
    come = []
    for _ in range(number):
        wanted = errand(chance, chance.choice(YUAN), service_line=service_line)
        visit = _visit(chance, on, notes, often, people, wanted)
        more = [cut_at(chance, notes, visit)] if chance.random() < cuts else []
        if chance.random() < (TRANSFERS_LOST if visit.transfer_fen else REQUESTS_LOST):
            more.append(loss(chance, visit))
        come.append(visit.model_copy(update={"acts": (*visit.acts, *more)}))
    day_end = chance.choice(DAY_ENDS)
    return Tape(seed=seed, dispenser=dispenser, visits=tuple(come), day_end=day_end, service_line=service_line)


def _visit(
    chance: random.Random,
    on: Sequence[Possible],
    notes: Sequence[Entry],
    often: float,
    people: Sequence[int],
    wanted: Errand,
) -> Visit:
    acts = []
    while chance.random() < often / (1 + often):
        one = chance.choice(on)
        acts.append(_act(chance, one, chance.choice(_moments(one, notes)) if chance.random() < AIM else None))
    odd = chance.random()
    screens = (Screen.NOTICE, Screen.PIN, Screen.AMOUNT, Screen.CONFIRM, Screen.TAKE_CARD, Screen.TAKE_CASH)
    return Visit(
        person=chance.choice(people),
        gap=round(chance.expovariate(1 / (OVERNIGHT if chance.random() < 0.04 else 20)), 3),
        wrong_pins=chance.choice((1, 2, 3)) if odd < 0.03 or odd > 0.97 else 0,
        cancels_at=chance.choice(screens[:4]) if 0.03 < odd < 0.08 else None,
        walks_away_at=chance.choice(screens) if 0.08 < odd < 0.16 else None,
        comes_back=chance.random() < 0.5,
        notes_taken=chance.randrange(5) if 0.16 < odd < 0.2 else None,
        lingers=chance.choice((0.0, 20.0, 120.0)),
        acts=tuple(acts),
        **wanted,
    )


def _moments(one: Possible, notes: Sequence[Entry]) -> Sequence[Entry]:
    """When it matters most that this goes wrong; `notes` are the moments of this dispenser."""
    match one.target, one.fault:
        case "cash_dispenser", _:
            return notes
        case "card_reader", _:
            return WITH_A_CARD
        case _, "A6" | "A7" | "A8":
            return WITH_THE_HOST
        case _ if one.fault[0] == "D":
            return WITH_THE_HOST
        case _:
            return (*notes, *WITH_A_CARD, *WITH_THE_HOST, *OTHERS)


def _act(chance: random.Random, one: Possible, at: Entry | None) -> Act:
    command = byte = None
    if one.hears_commands:
        kind = chance.random()
        if kind < 0.4:
            command = chance.randint(1, 2 if at else 8)
        elif kind < 0.6:
            byte = chance.randint(1, 40 if at else 200)
    after = chance.uniform(0, 30) if at is None else chance.choice((0.0, chance.uniform(0, 3)))
    return Act(
        fault=one.fault,
        after=round(after, 3),
        at=at,
        nth=chance.choice((1, 2, 2)) if at in ABOUT_MONEY else 1,
        target=one.target,
        command=command,
        byte=byte,
        options=dict(one.ailment.draw(chance)),
    )
