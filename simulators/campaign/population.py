"""The kiosks and the customers of a campaign."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from protocol import social_card
from simulators.bench.file import BenchFile, load_bench
from simulators.world.fault_options import Option
from simulators.world.people import Person, load_people

DISPENSERS: Final[Mapping[str, Mapping[str, Option]]] = {
    "puloon-lcdm-4000": {},
    "puloon-lcdm-2000": {},
    "fujitsu-f56": {"extensions": True, "shutter_closed_bit": 21},
}
"""The models, and what a bench has to say of them."""

PEOPLE: Final = 8
"""Customers that a tape may send; one more comes at the end of each run."""

BALANCE_FEN: Final = 50_000_00

POOR_FEN: Final = {PEOPLE - 1: 1_500_00, PEOPLE: 700_00}
"""Who has less than others, by number from 1."""


def bench_file(dispenser: str, notes: tuple[int, int] = (200, 200), day_end: str | None = None) -> BenchFile:
    """A kiosk with a dispenser of this model, and so many notes in its cassettes; its batch is settled at `day_end`."""
    file = load_bench()
    cassettes = tuple(
        cassette.model_copy(update={"notes": number})
        for cassette, number in zip(file.cash_dispenser.cassettes, notes, strict=True)
    )
    changed = file.cash_dispenser.model_copy(
        update={"model": dispenser, "options": dict(DISPENSERS[dispenser]), "cassettes": cassettes}
    )
    place = file.kiosk.model_copy(update={"day_end": day_end})
    return file.model_copy(update={"cash_dispenser": changed, "kiosk": place})


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
            opening_balance_fen=POOR_FEN.get(number, BALANCE_FEN),
        )
        for number in range(1, PEOPLE + 2)
    )


def _with_check_digit(digits: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return digits + str(-total % 10)
