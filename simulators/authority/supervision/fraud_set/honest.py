"""Honest people's months: treatments at home and away, invoices afterwards, and all that looks suspicious and is not.

Pensioners meet at the kiosk of their village, couples come together, families share a phone, travellers draw in two
cities on one day, patients queue at the kiosk of a hospital, people mistype PINs, ask for too much, need all they may
draw, and draw when their credit has come.
"""

from datetime import datetime, timedelta
from random import Random
from typing import Final

from simulators.authority.business_time import SHANGHAI
from simulators.authority.supervision.fraud_set.stories import Credit, Draw, Event, Invoice, Somebody, Stories, Story
from simulators.authority.supervision.risk.geography import journey_hours

CITIES: Final = ("371000", "440300", "510100")
BEGINS: Final = datetime(2026, 1, 12, tzinfo=SHANGHAI)
MONTHS: Final = 6
TERMINALS: Final = {f"{city}-{name}": city for city in CITIES for name in (1, 2, 3, 4, "village")}
"""In every city four kiosks, of which the first stands in a hospital, and one in a village."""


def honest_people(seed: int, people: int) -> Stories:
    """So many people, each (or each household) with a story of half a year."""
    chance = Random(f"honest {seed}")  # noqa: S311  # a simulation, not a secret
    found: dict[str, Somebody] = {}
    stories: list[Story] = []
    for kiosk in range(people // 50):
        _pensioners(chance, found, stories, seed, kiosk)
    while len(found) < people:
        size = min(chance.choices((1, 2, 3), (80, 17, 3))[0], people - len(found))
        household = [f"h{seed}-{len(found) + n}" for n in range(size)]
        city = chance.choice(CITIES)
        phone = f"phone of {household[0]}"
        for name in household:
            own = size == 1 or chance.random() < 0.4
            found[name] = Somebody(
                region=city,
                balance_fen=chance.randrange(200_000, 2_000_000, 100),
                phone=f"phone of {name}" if own else phone,
                payee=f"account of {name}",
            )
        events = _half_a_year(chance, household, city)
        if events:
            events.sort(key=lambda event: event.at)
            name = "+".join(household)
            stories.append(Story(name=name, fraud=False, kind="honest", events=tuple(events)))
    return Stories(terminals=TERMINALS, people=found, stories=tuple(stories))


def _pensioners(chance: Random, found: dict[str, Somebody], stories: list[Story], seed: int, group: int) -> None:
    """They come to the kiosk of their village on the same morning of each month, and take a little of what came."""
    city, hours = CITIES[group % len(CITIES)], 8 + 1.5 * (group // len(CITIES))
    names = [f"v{seed}-{group}-{n}" for n in range(chance.randrange(6, 12))]
    mornings = [BEGINS + timedelta(days=30 * month + chance.randrange(3), hours=hours) for month in range(MONTHS - 1)]
    events: dict[str, list[Event]] = {name: _credits(chance, name) for name in names}
    for at in mornings:
        for name in sorted(names, key=lambda name: names.index(name) + chance.uniform(-2, 2)):
            events[name] += _visit(chance, name, f"{city}-village", at, least=True)
            at += timedelta(minutes=chance.uniform(1.5, 6))
    for name in names:
        found[name] = Somebody(
            region=city, balance_fen=chance.randrange(50_000, 600_000, 100), phone=f"phone of {name}"
        )
        told = tuple(sorted(events[name], key=lambda event: event.at))
        stories.append(Story(name=name, fraud=False, kind="honest", events=told))


def _half_a_year(chance: Random, household: list[str], city: str) -> list[Event]:
    events: list[Event] = []
    for name in household:
        events += _credits(chance, name)
    for _ in range(chance.choices((1, 2, 3), (55, 35, 10))[0]):
        patients = household if chance.random() < 0.5 else [chance.choice(household)]
        events += _treatment(chance, patients, city)
    return events


def _credits(chance: Random, name: str) -> list[Event]:
    fen = chance.randrange(10_000, 40_000, 100)
    hour = chance.randrange(1, 6)
    return [
        Credit(do="credit", at=BEGINS + timedelta(days=30 * month - 2, hours=hour), person=name, fen=fen)
        for month in range(MONTHS)
    ]


def _treatment(chance: Random, patients: list[str], home: str) -> list[Event]:
    """A few visits within two weeks, then the invoices."""
    events: list[Event] = []
    begins = BEGINS + timedelta(days=chance.randrange(5, 30 * MONTHS - 45))
    away = chance.random() < 0.5
    place = chance.choice([city for city in CITIES if city != home]) if away else home
    visits = chance.choices((1, 2, 3), (55, 35, 10))[0]
    days = sorted(chance.sample(range(14), visits))
    for number, day in enumerate(days):
        at = begins + timedelta(days=day, hours=chance.randrange(8, 18), minutes=chance.randrange(60))
        terminal = f"{place}-{chance.choice((1, 1, 2, 3, 4))}"
        if away and number == 0 and chance.random() < 0.3:  # draws at home, then travels
            left = at - timedelta(hours=journey_hours(home, place) + chance.uniform(0.7, 6))
            for patient in patients[:1]:
                events += _visit(chance, patient, f"{home}-{chance.randrange(2, 5)}", left)
        for patient in patients:
            events += _visit(chance, patient, terminal, at)
            at += timedelta(minutes=chance.randrange(3, 12))
    for patient in patients:
        if chance.random() < 0.95:
            handed_in = begins + timedelta(days=15 + chance.randrange(1, 25))
            events.append(Invoice(do="invoice", at=handed_in, person=patient))
    return events


def _visit(chance: Random, person: str, terminal: str, at: datetime, *, least: bool = False) -> list[Event]:
    events: list[Event] = []
    if chance.random() < 0.05:
        events.append(Draw(at=at, person=person, terminal=terminal, fen=10_000, pin="wrong"))
        at += timedelta(minutes=1)
    if not least and chance.random() < 0.08:  # more than there is, then less
        events.append(Draw(at=at, person=person, terminal=terminal, fen=2_500_000))
        at += timedelta(minutes=1)
    if least:
        events.append(Draw(at=at, person=person, terminal=terminal, fen=chance.randrange(1, 4) * 10_000))
    elif chance.random() < 0.18:
        events.append(Draw(at=at, person=person, terminal=terminal, percent=100))
    else:
        events.append(Draw(at=at, person=person, terminal=terminal, fen=chance.randrange(1, 15) * 10_000))
    return events
