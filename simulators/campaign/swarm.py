"""What one seed decides: which kiosk, which customers, which faults, how many. Not every fault is in every run."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from protocol import social_card
from simulators.bench.file import BenchFile, load_bench
from simulators.campaign.tape import Act, Tape, Visit
from simulators.world.faults import Option
from simulators.world.people import Person, load_people
from terminal.view import Screen

DISPENSERS: Final[Mapping[str, Mapping[str, Option]]] = {
    "puloon-lcdm-4000": {},
    "puloon-lcdm-2000": {},
    "fujitsu-f56": {"extensions": True, "shutter_closed_bit": 21},
}
"""The models, and what a bench has to say of them."""

PEOPLE: Final = 8
"""Customers of a run, each with money for all of it."""

BALANCE_FEN: Final = 50_000_00


def bench_file(tape: Tape) -> BenchFile:
    """The kiosk of a run."""
    file = load_bench()
    cassettes = tuple(
        cassette.model_copy(update={"notes": notes})
        for cassette, notes in zip(file.cash_dispenser.cassettes, tape.notes, strict=True)
    )
    dispenser = file.cash_dispenser.model_copy(
        update={"model": tape.dispenser, "options": dict(DISPENSERS[tape.dispenser]), "cassettes": cassettes}
    )
    return file.model_copy(update={"cash_dispenser": dispenser})


def people() -> tuple[Person, ...]:
    """The customers: like the first of the invented people, with numbers and PINs of their own."""
    model = load_people()[0]
    return tuple(
        replace(
            model,
            id=f"guest{number}",
            card_number=(card := f"S{number:07d}") + social_card.card_check_character(card),
            id_number=(identity := f"99000019800101{number:03d}") + social_card.id_check_character(identity),
            pan=_with_check_digit(f"62170000000{number:07d}"),
            pin=f"{731_953 + 9_137 * number:06d}",
            opening_balance_fen=BALANCE_FEN,
        )
        for number in range(1, PEOPLE + 1)
    )


def _with_check_digit(digits: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return digits + str(-total % 10)


@dataclass(frozen=True, slots=True)
class Possible:
    """A fault that this kind of kiosk can suffer: on what, and how its options are drawn."""

    fault: str
    target: str | None
    draw: object
    counted: bool


def draw(seed: int, possible: Sequence[Possible], visits: int | None = None) -> Tape:
    """The tape of a seed."""
    chance = random.Random(f"{seed}/swarm")  # noqa: S311  # repeatable on purpose
    number = visits or chance.choice((1, 2, 2, 3, 3, 4, 6))
    dispenser = chance.choice(tuple(DISPENSERS))
    fit = [each for each in possible if each.target is None or True]
    on = chance.sample(fit, min(len(fit), chance.choice((1, 2, 3, 5, 8))))
    often = chance.choice((0.2, 0.6, 1.0, 1.5))
    return Tape(
        seed=seed,
        dispenser=dispenser,
        visits=tuple(_visit(chance, on, often) for _ in range(number)),
    )


def _visit(chance: random.Random, on: Sequence[Possible], often: float) -> Visit:
    acts = []
    while chance.random() < often / (1 + often):
        acts.append(_act(chance, chance.choice(on)))
    odd = chance.random()
    screens = (Screen.NOTICE, Screen.PIN, Screen.AMOUNT, Screen.CONFIRM, Screen.TAKE_CARD, Screen.TAKE_CASH)
    return Visit(
        person=chance.randrange(PEOPLE),
        gap=round(chance.expovariate(1 / 20), 3),
        amount=100 * chance.choice((1, 2, 3, 5, 7, 10, 15, 20)),
        wrong_pins=1 if odd < 0.03 else 0,
        cancels_at=chance.choice(screens[:4]) if 0.03 < odd < 0.08 else None,
        walks_away_at=chance.choice(screens) if 0.08 < odd < 0.16 else None,
        comes_back=chance.random() < 0.5,
        notes_taken=chance.randrange(5) if 0.16 < odd < 0.2 else None,
        lingers=chance.choice((0.0, 20.0, 120.0)),
        acts=tuple(acts),
    )


def _act(chance: random.Random, one: Possible) -> Act:
    command = byte = None
    if one.counted:
        kind = chance.random()
        if kind < 0.4:
            command = chance.randint(1, 8)
        elif kind < 0.6:
            byte = chance.randint(1, 200)
    return Act(
        fault=one.fault,
        after=round(chance.uniform(0, 30), 3),
        target=one.target,
        command=command,
        byte=byte,
        options=dict(one.draw(chance)),  # type: ignore[operator]
    )
