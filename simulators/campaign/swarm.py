"""What one seed decides: which kiosk, which customers, which faults, how many. Not every fault is in every run."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from simulators.campaign import aimed, motions
from simulators.campaign.elsewhere import online_transfer
from simulators.campaign.errands import Errand, errand
from simulators.campaign.moments import Aim
from simulators.campaign.population import DISPENSERS, PEOPLE
from simulators.campaign.possible import Possible, possible
from simulators.campaign.tape import Act, Tape, Visit
from terminal.journal import Entry
from terminal.view import Screen

Habit: TypeAlias = Callable[[random.Random, Sequence[Aim]], tuple[Act, ...]]

FAMILIES: Final = "ABCDEFG"
"""Power and process, serial lines, devices, network, storage, time, people."""

GAP: Final = 20
"""Seconds between two customers, on the average."""

NIGHTS: Final = 0.015
NIGHT: Final = (15_000, 30_000, 45_000, 45_000, 90_000)
"""How many visits come after a night, and about how many seconds it has: keys are renewed after half a day, and the
host takes them for a whole one. A night costs as much as many customers."""

PAUSES: Final = 0.02
PAUSE: Final = (300, 4_000)
"""How many visits come after a pause, and how long one is: the host is asked for echoes, connections break unseen."""

YUAN: Final = (100, 200, 300, 500, 700, 1_000, 1_500, 2_000, 2_000, 3_000)
"""Amounts of cash."""

AIM: Final = 0.6
"""How many of the acts are aimed: they wait for a record of `aimed`."""

STACKER: Final = "fujitsu-f56"

WITH_A_SERVICE_LINE: Final = 0.5
"""How many kiosks have one."""

WITH_CUTS: Final = 0.45
CUTS: Final = 0.5
"""How many runs have power cuts that are aimed at what moves, and how many visits of theirs."""

WITH_PAIRS: Final = 0.35
PAIRS: Final = 0.5
"""How many runs have two faults near one another, and how many visits of theirs."""

TRANSFERS_LOST: Final = 0.45
REQUESTS_LOST: Final = 0.25
ADVICES_LOST: Final = 0.1
WRITES_LOST: Final = 0.6
"""In how many visits the request for a transfer or for cash, a confirm or a reversal, what is handed in on the service
line, or the answer to it, is lost, doubled, altered or late."""

MUTED: Final = 0.15
"""In how many visits without any of these the dispenser is not heard of any more once notes have moved."""

MOVED: Final = 0.6
"""In how many visits for cash something becomes of the notes as they move, whatever else does."""

ALONE: Final = 0.5
"""In how many of these visits nothing else goes wrong: other faults end many a story before its time."""

ALIKE: Final = 0.25
"""In how many runs everybody wants the same: then an answer of before would fit."""

HABITS: Final[Sequence[tuple[Habit | None, float]]] = ((motions.worn, 0.08), (motions.stale, 0.06), (None, 0.86))
"""What a dispenser does to everybody, and in how many runs."""

FORGETFUL: Final = 0.06
WRONG_PINS: Final = (0, 1, 1, 2, 2, 3)
"""In how many runs people are not sure of their PIN, and how often they are wrong then."""

ONLINE: Final = 0.2
"""In how many visits somebody transfers money from the same account online meanwhile."""

AS_PLANNED: Final[Mapping[str, object]] = {
    "acts": (),
    "wrong_pins": 0,
    "cancels_at": None,
    "walks_away_at": None,
    "notes_taken": None,
}
"""A visit in which a person does what was meant to be done."""

DAY_ENDS: Final = (None, None, "09:02", "09:03", "09:05")
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
    notes = aimed.WITH_A_STACKER if dispenser == STACKER else aimed.TO_THE_CUSTOMER
    notes_suffer = [each for each in faults if each.target == "cash_dispenser"]
    people = chance.sample(range(PEOPLE), chance.choice((1, 2, PEOPLE)))
    cuts = CUTS if chance.random() < WITH_CUTS else 0.0
    pairs = PAIRS if chance.random() < WITH_PAIRS else 0.0
    aside, silence, moved = (random.Random(f"{seed}/{what}") for what in ("online", "silence", "motion"))  # noqa: S311
    habit = moved.choices(*zip(*HABITS, strict=True))[0]
    is_forgetful = moved.random() < FORGETFUL
    all_want = moved.choice(YUAN) if moved.random() < ALIKE else None
    come = []
    for _ in range(number):
        wanted = errand(chance, chance.choice((all_want,) if all_want else YUAN), service_line=service_line)
        visit = _visit(chance, on, notes, often, people, wanted)
        more: tuple[Act, ...] = ()
        if chance.random() < cuts:
            more = (aimed.cut_at(chance, notes, visit),)
        elif visit.writes and chance.random() < WRITES_LOST:
            more = (aimed.write_lost(chance),)
        elif chance.random() < pairs:
            more = aimed.pair(chance, notes, notes_suffer, visit)
        elif chance.random() < (TRANSFERS_LOST if visit.transfer_fen else REQUESTS_LOST):
            more = (aimed.loss(chance, visit),)
        elif chance.random() < ADVICES_LOST:
            more = (aimed.advice_lost(chance),)
        if visit.amount and not more and silence.random() < MUTED:
            more = (aimed.mute(silence, notes),)
        if visit.amount and (habit is not None or moved.random() < MOVED):
            if moved.random() < ALONE:
                visit, more = visit.model_copy(update=AS_PLANNED), ()
            more = (*more, *(habit(moved, notes) if habit else motions.story(moved, notes, notes_suffer)))
        online = online_transfer(aside, stacker=dispenser == STACKER) if aside.random() < ONLINE else None
        if online is not None and online.at is Entry.CONFIRMED:
            more = (*more, *motions.approved_after_all(aside))
        visit = visit.model_copy(update={"acts": (*visit.acts, *more), "online": online})
        if is_forgetful:
            visit = visit.model_copy(update={"wrong_pins": moved.choice(WRONG_PINS)})
        come.append(aimed.with_cause(chance, visit))
    day_end = chance.choice(DAY_ENDS)
    return Tape(seed=seed, dispenser=dispenser, visits=tuple(come), day_end=day_end, service_line=service_line)


def _visit(
    chance: random.Random,
    on: Sequence[Possible],
    notes: Sequence[Aim],
    often: float,
    people: Sequence[int],
    wanted: Errand,
) -> Visit:
    odd = chance.random()
    screens = (Screen.NOTICE, Screen.PIN, Screen.AMOUNT, Screen.CONFIRM, Screen.TAKE_CARD, Screen.TAKE_CASH)
    visit = Visit(
        person=chance.choice(people),
        gap=round(_gap(chance), 3),
        wrong_pins=chance.choice((1, 2, 3)) if odd < 0.03 or odd > 0.97 else 0,
        cancels_at=chance.choice(screens[:4]) if 0.03 < odd < 0.08 else None,
        walks_away_at=chance.choice(screens) if 0.08 < odd < 0.16 else None,
        comes_back=chance.random() < 0.5,
        notes_taken=chance.randrange(5) if 0.16 < odd < 0.2 else None,
        lingers=chance.choice((0.0, 20.0, 120.0)),
        **wanted,
    )
    acts = []
    while chance.random() < often / (1 + often):
        one = chance.choice(on)
        aim = chance.choice(aimed.moments(one, notes, visit)) if chance.random() < AIM else None
        acts.append(_act(chance, one, aim))
    return visit.model_copy(update={"acts": tuple(acts)})


def _gap(chance: random.Random) -> float:
    kind = chance.random()
    if kind < NIGHTS:
        return chance.choice(NIGHT) * chance.uniform(0.9, 1.1)
    return chance.uniform(*PAUSE) if kind < NIGHTS + PAUSES else chance.expovariate(1 / GAP)


def _act(chance: random.Random, one: Possible, aim: Aim | None) -> Act:
    command = byte = None
    if one.hears_commands:
        kind = chance.random()
        if kind < 0.4:
            command = chance.randint(1, 2 if aim else 8)
        elif kind < 0.6:
            byte = chance.randint(1, 40 if aim else 200)
    after = chance.uniform(0, 30) if aim is None else chance.choice((0.0, chance.uniform(0, 3)))
    return Act(
        fault=one.fault,
        after=round(after, 3),
        at=None if aim is None else aim.at,
        about=None if aim is None else aim.about,
        target=one.target,
        command=command,
        byte=byte,
        options=dict(one.ailment.draw(chance)),
    )
